//! In steady state no packet costs an allocation.

#![expect(unsafe_code, clippy::unwrap_used, reason = "a test; counting needs an allocator of its own")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

#[path = "engine/wire.rs"]
#[expect(dead_code, unreachable_pub, clippy::indexing_slicing, reason = "shared with the other tests")]
mod wire;

use wire::{MICRO, Tcp, capture, on_ethernet, polling};
use zonewright_traffic::{CaptureInput, Hashing, Options, observe};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(polls: u16, size: usize) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("polling.pcap");
    let tcp = polling(Tcp::new((40_000, 502), [1000, 2000]).handshake(), polls, size);
    std::fs::write(&path, capture(MICRO, 1, &on_ethernet(&tcp.packets))).unwrap();
    let inputs = [CaptureInput::new(path)];
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    let seen = observe(&inputs, &Options { hashing: Hashing::None, ..Options::default() }, &mut |_| {});
    let after = ALLOCATIONS.load(Ordering::Relaxed);
    (after - before, seen.captures.first().unwrap().packets)
}

#[test]
fn a_packet_costs_no_allocation() {
    // Whole messages, and messages in two segments each.
    for size in [1460, 12] {
        allocations(10, size);
        let (few, few_packets) = allocations(500, size);
        let (many, many_packets) = allocations(10_500, size);
        assert!(many_packets >= few_packets + 20_000);
        assert!(
            many <= few + 8,
            "{} packets more cost {} allocations more",
            many_packets - few_packets,
            many - few
        );
    }
}
