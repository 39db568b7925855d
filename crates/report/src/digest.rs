//! A digest for tests: what a page's policy must name.

/// SHA-256 (FIPS 180-4) in base64, for checks of a page's policy only.
pub(crate) fn sha256_base64(data: &[u8]) -> String {
    let primes: Vec<u32> = (2_u32..).filter(|n| (2..*n).all(|d| n % d != 0)).take(64).collect();
    // The first 32 bits of the fractional part of a root, exactly: by bisection in integers.
    let fraction = |p: u32, power: u32| {
        let goal = u128::from(p) << (32 * power);
        let root = (0..=40)
            .rev()
            .fold(0_u128, |r, bit| if (r | 1 << bit).pow(power) <= goal { r | 1 << bit } else { r });
        u32::try_from(root & 0xffff_ffff).unwrap()
    };
    let k: Vec<u32> = primes.iter().map(|p| fraction(*p, 3)).collect();
    let mut h: Vec<u32> = primes.iter().take(8).map(|p| fraction(*p, 2)).collect();
    let mut message = data.to_vec();
    message.push(0x80);
    message.resize(message.len().next_multiple_of(64) + if message.len() % 64 > 56 { 64 } else { 0 } - 8, 0);
    message.extend(u64::try_from(data.len() * 8).unwrap().to_be_bytes());
    for block in message.chunks(64) {
        let mut w: Vec<u32> = block.chunks(4).map(|c| u32::from_be_bytes(c.try_into().unwrap())).collect();
        for i in 16..64 {
            let (a, b) = (w[i - 15], w[i - 2]);
            let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            w.push(w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1));
        }
        let mut v = h.clone();
        for i in 0..64 {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let t1 = v[7].wrapping_add(s1).wrapping_add(choice).wrapping_add(k[i]).wrapping_add(w[i]);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let t2 = s0.wrapping_add((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(t1);
            v[0] = t1.wrapping_add(t2);
        }
        h.iter_mut().zip(v).for_each(|(h, v)| *h = h.wrapping_add(v));
    }
    let bytes: Vec<u8> = h.into_iter().flat_map(u32::to_be_bytes).collect();
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0_u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = ALPHABET[usize::try_from(n >> (18 - 6 * i) & 63).unwrap()];
            out.push(if i > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}
