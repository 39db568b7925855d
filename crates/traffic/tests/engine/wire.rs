//! Builds frames and captures for tests, byte by byte, so that every layer can be bent.

/// A captured frame.
#[derive(Debug, Clone)]
pub struct Frame {
    pub time: u64,
    pub data: Vec<u8>,
    pub wire: Option<u32>,
}

pub const CLIENT_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
pub const SERVER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];
pub const CLIENT: [u8; 4] = [10, 0, 0, 1];
pub const SERVER: [u8; 4] = [10, 0, 0, 2];

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Client,
    Server,
}

/// A TCP conversation under construction: IP packets, not framed yet.
#[derive(Debug, Clone)]
pub struct Tcp {
    pub ports: (u16, u16),
    pub sequence: [u32; 2],
    pub packets: Vec<(From, Vec<u8>)>,
}

pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const PUSH: u8 = 8;
pub const ACK: u8 = 16;

impl Tcp {
    pub fn new(ports: (u16, u16), sequence: [u32; 2]) -> Self {
        Self { ports, sequence, packets: Vec::new() }
    }

    pub fn handshake(mut self) -> Self {
        self.segment(From::Client, SYN, &[]);
        self.sequence[0] = self.sequence[0].wrapping_add(1);
        self.segment(From::Server, SYN | ACK, &[]);
        self.sequence[1] = self.sequence[1].wrapping_add(1);
        self.segment(From::Client, ACK, &[]);
        self
    }

    /// Sends data, cut into segments of `size`.
    pub fn data(mut self, from: From, data: &[u8], size: usize) -> Self {
        for piece in data.chunks(size) {
            self.segment(from, ACK | PUSH, piece);
            let at = from as usize;
            self.sequence[at] = self.sequence[at].wrapping_add(piece.len() as u32);
        }
        self
    }

    pub fn close(mut self) -> Self {
        self.segment(From::Client, FIN | ACK, &[]);
        self.segment(From::Server, FIN | ACK, &[]);
        self
    }

    pub fn segment(&mut self, from: From, flags: u8, payload: &[u8]) {
        let (own, other) = (from as usize, 1 - from as usize);
        let ack = if flags & ACK != 0 { self.sequence[other] } else { 0 };
        let ports = if from == From::Client { self.ports } else { (self.ports.1, self.ports.0) };
        let segment = tcp(ports, self.sequence[own], ack, flags, payload);
        self.packets.push((from, ipv4(from, 6, &segment)));
    }
}

pub fn tcp(ports: (u16, u16), sequence: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(ports.0.to_be_bytes());
    out.extend(ports.1.to_be_bytes());
    out.extend(sequence.to_be_bytes());
    out.extend(ack.to_be_bytes());
    out.extend([0x50, flags, 0x20, 0, 0, 0, 0, 0]);
    out.extend(payload);
    out
}

pub fn udp(ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(ports.0.to_be_bytes());
    out.extend(ports.1.to_be_bytes());
    out.extend((payload.len() as u16 + 8).to_be_bytes());
    out.extend([0, 0]);
    out.extend(payload);
    out
}

pub fn ipv4(from: From, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let (source, destination) = if from == From::Client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
    ipv4_between(source, destination, protocol, payload)
}

pub fn ipv4_between(source: [u8; 4], destination: [u8; 4], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x45, 0];
    out.extend((payload.len() as u16 + 20).to_be_bytes());
    out.extend([0, 7, 0, 0, 64, protocol, 0, 0]);
    out.extend(source);
    out.extend(destination);
    out.extend(payload);
    out
}

/// The same IPv4 packet as fragments of `size` bytes (a multiple of 8).
pub fn fragments(packet: &[u8], id: u16, size: usize) -> Vec<Vec<u8>> {
    let (head, payload) = packet.split_at(20);
    let count = payload.len().div_ceil(size);
    let fragment = |(number, piece): (usize, &[u8])| {
        let mut out = head.to_vec();
        out[2..4].copy_from_slice(&(piece.len() as u16 + 20).to_be_bytes());
        out[4..6].copy_from_slice(&id.to_be_bytes());
        let more = if number + 1 < count { 0x2000 } else { 0 };
        out[6..8].copy_from_slice(&(more | (number * size / 8) as u16).to_be_bytes());
        out.extend(piece);
        out
    };
    payload.chunks(size).enumerate().map(fragment).collect()
}

pub fn ethernet(from: From, kind: u16, payload: &[u8]) -> Vec<u8> {
    let (source, destination) =
        if from == From::Client { (CLIENT_MAC, SERVER_MAC) } else { (SERVER_MAC, CLIENT_MAC) };
    ethernet_between(source, destination, kind, payload)
}

pub fn ethernet_between(source: [u8; 6], destination: [u8; 6], kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(destination);
    out.extend(source);
    out.extend(kind.to_be_bytes());
    out.extend(payload);
    out
}

/// Frames one millisecond apart.
pub fn timed(frames: impl IntoIterator<Item = Vec<u8>>) -> Vec<Frame> {
    let start = 1_700_000_000_000_000_000;
    let at = |(number, data)| Frame { time: start + number as u64 * 1_000_000, data, wire: None };
    frames.into_iter().enumerate().map(at).collect()
}

/// A container's byte order and resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Pcap { big: bool, nanoseconds: bool },
    Pcapng { big: bool, sections: usize },
}

pub const MICRO: Container = Container::Pcap { big: false, nanoseconds: false };

pub fn capture(container: Container, link: u16, frames: &[Frame]) -> Vec<u8> {
    match container {
        Container::Pcap { big, nanoseconds } => pcap(big, nanoseconds, link, frames),
        Container::Pcapng { big, sections } => pcapng(big, sections, link, frames),
    }
}

struct Writer {
    big: bool,
    out: Vec<u8>,
}

impl Writer {
    fn u16(&mut self, value: u16) -> &mut Self {
        self.out.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.out.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let padded = body.len().next_multiple_of(4);
        self.u32(kind).u32(padded as u32 + 12);
        self.out.extend(body);
        self.out.resize(self.out.len() + padded - body.len(), 0);
        self.u32(padded as u32 + 12);
    }
}

fn pcap(big: bool, nanoseconds: bool, link: u16, frames: &[Frame]) -> Vec<u8> {
    let mut writer = Writer { big, out: Vec::new() };
    writer.u32(if nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 });
    writer.u16(2).u16(4).u32(0).u32(0).u32(65_535).u32(link.into());
    for frame in frames {
        let fraction = frame.time % 1_000_000_000;
        let fraction = if nanoseconds { fraction } else { fraction / 1000 };
        writer.u32((frame.time / 1_000_000_000) as u32).u32(fraction as u32);
        writer.u32(frame.data.len() as u32).u32(frame.wire.unwrap_or(frame.data.len() as u32));
        writer.out.extend(&frame.data);
    }
    writer.out
}

fn pcapng(big: bool, sections: usize, link: u16, frames: &[Frame]) -> Vec<u8> {
    let mut writer = Writer { big, out: Vec::new() };
    for part in frames.chunks(frames.len().div_ceil(sections).max(1)) {
        let mut body = Writer { big, out: Vec::new() };
        body.u32(0x1a2b_3c4d).u16(1).u16(0).u32(u32::MAX).u32(u32::MAX);
        writer.block(0x0a0d_0d0a, &body.out);
        // Two interfaces, of which the second counts nanoseconds and is used.
        for resolution in [6_u8, 9] {
            let mut body = Writer { big, out: Vec::new() };
            body.u16(link).u16(0).u32(0).u16(9).u16(1);
            body.out.extend([resolution, 0, 0, 0]);
            body.u16(0).u16(0);
            writer.block(1, &body.out);
        }
        writer.block(0x0000_0bad, b"a custom block that nobody knows");
        for frame in part {
            let mut body = Writer { big, out: Vec::new() };
            body.u32(1).u32((frame.time >> 32) as u32).u32(frame.time as u32);
            body.u32(frame.data.len() as u32).u32(frame.wire.unwrap_or(frame.data.len() as u32));
            body.out.extend(&frame.data);
            writer.block(6, &body.out);
        }
    }
    writer.out
}

/// A Modbus request: read `count` holding registers.
pub fn modbus_request(transaction: u16, count: u16) -> Vec<u8> {
    let mut out = transaction.to_be_bytes().to_vec();
    out.extend([0, 0, 0, 6, 1, 3, 0, 0]);
    out.extend(count.to_be_bytes());
    out
}

/// Its answer.
pub fn modbus_response(transaction: u16, count: u16) -> Vec<u8> {
    let mut out = transaction.to_be_bytes().to_vec();
    out.extend([0, 0]);
    out.extend((3 + 2 * count).to_be_bytes());
    out.extend([1, 3, 2 * count as u8]);
    out.resize(out.len() + 2 * usize::from(count), 0x11);
    out
}

/// `polls` requests and answers.
pub fn polling(tcp: Tcp, polls: u16, size: usize) -> Tcp {
    (1..=polls).fold(tcp, |tcp, number| {
        let tcp = tcp.data(From::Client, &modbus_request(number, 4), size);
        tcp.data(From::Server, &modbus_response(number, 4), size)
    })
}

/// Its packets as Ethernet frames.
pub fn on_ethernet(packets: &[(From, Vec<u8>)]) -> Vec<Frame> {
    timed(packets.iter().map(|(from, packet)| ethernet(*from, 0x0800, packet)))
}
