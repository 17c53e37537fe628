/// One step of `SplitMix64`: turns neighbouring numbers into distant ones, and different numbers into different ones.
pub(crate) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Returns a number for a text.
pub(crate) fn mix_text(text: &str) -> u64 {
    text.bytes().fold(0, |number, byte| mix(number ^ u64::from(byte)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_published() {
        // The first numbers from 1234567, as in the reference implementation's tests.
        let gamma = 0x9e37_79b9_7f4a_7c15_u64;
        let numbers: Vec<u64> =
            (0..3).map(|step| super::mix(gamma.wrapping_mul(step).wrapping_add(1_234_567))).collect();
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}
