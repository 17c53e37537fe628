use crate::api::Api;

impl Api {
    /// Returns the next random number, by SplitMix64.
    pub(crate) fn random(&self) -> u64 {
        let mut shared = self.shared();
        let state = shared.random.unwrap_or_default().wrapping_add(0x9e37_79b9_7f4a_7c15);
        shared.random = Some(state);
        drop(shared);
        let mixed = (state ^ state.wrapping_shr(30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed.wrapping_shr(27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed.wrapping_shr(31)
    }
}
