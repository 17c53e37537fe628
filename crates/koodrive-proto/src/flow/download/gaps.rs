use std::collections::BTreeMap;

/// What is missing of a file: ranges that don't touch, however large the file is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Gaps(BTreeMap<u64, u64>);

impl Gaps {
    /// Everything is missing.
    pub(super) fn new(total: u64) -> Self {
        Self([(0, total)].into_iter().filter(|(_, end)| *end > 0).collect())
    }

    /// This is there, whatever of it was missing. Returns how many bytes that was.
    pub(super) fn fill(&mut self, first: u64, end: u64) -> u64 {
        if first >= end {
            return 0;
        }
        let touched: Vec<(u64, u64)> =
            self.0.range(..end).rev().take_while(|(_, to)| **to > first).map(|(from, to)| (*from, *to)).collect();
        let mut filled: u64 = 0;
        for (from, to) in touched {
            self.0.remove(&from);
            if from < first {
                self.0.insert(from, first);
            }
            if end < to {
                self.0.insert(end, to);
            }
            filled = filled.saturating_add(end.min(to).saturating_sub(first.max(from)));
        }
        filled
    }

    /// This is missing again.
    pub(super) fn open(&mut self, mut first: u64, mut end: u64) {
        if first >= end {
            return;
        }
        // What it touches becomes a part of it.
        let touched: Vec<(u64, u64)> =
            self.0.range(..=end).rev().take_while(|(_, to)| **to >= first).map(|(from, to)| (*from, *to)).collect();
        for (from, to) in touched {
            self.0.remove(&from);
            first = first.min(from);
            end = end.max(to);
        }
        self.0.insert(first, end);
    }

    /// Takes the first missing bytes, but none behind the next multiple of `size`.
    pub(super) fn take(&mut self, size: u64) -> Option<(u64, u64)> {
        let (first, end) = self.0.pop_first()?;
        let border = first.checked_next_multiple_of(size).filter(|border| *border > first);
        let border = border.or_else(|| first.checked_add(size)).unwrap_or(u64::MAX);
        if border < end {
            self.0.insert(border, end);
        }
        Some((first, end.min(border)))
    }

    /// The first missing byte.
    pub(super) fn first(&self) -> Option<u64> {
        self.0.first_key_value().map(|(first, _)| *first)
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Like a set of bytes.
        #[test]
        fn as_a_set(total in 0..60_u64, steps in prop::collection::vec((0..3_u8, 0..60_u64, 0..60_u64), 0..40)) {
            let mut gaps = Gaps::new(total);
            let mut bytes: std::collections::BTreeSet<u64> = (0..total).collect();
            for (what, a, b) in steps {
                let (first, end) = (a.min(b), a.max(b));
                match what {
                    0 => {
                        let before = bytes.len();
                        bytes.retain(|byte| *byte < first || *byte >= end);
                        prop_assert_eq!(gaps.fill(first, end), (before - bytes.len()) as u64);
                    }
                    1 => {
                        gaps.open(first, end);
                        bytes.extend(first..end);
                    }
                    _ => {
                        let taken = gaps.take(7);
                        prop_assert_eq!(taken.map(|(first, _)| first), bytes.first().copied());
                        if let Some((first, end)) = taken {
                            prop_assert!(first < end && end <= (first / 7 + 1) * 7);
                            (first..end).for_each(|byte| assert!(bytes.remove(&byte)));
                        }
                    }
                }
                prop_assert_eq!(gaps.first(), bytes.first().copied());
            }
        }

        /// Of any size.
        #[test]
        fn huge(total in any::<u64>(), size in 1..=u64::MAX) {
            let mut gaps = Gaps::new(total);
            if let Some((first, end)) = gaps.take(size) {
                prop_assert!(first < end && end <= total);
                gaps.open(first, end);
            }
            prop_assert_eq!(gaps, Gaps::new(total));
        }
    }
}
