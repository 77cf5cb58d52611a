//! The known word that somebody may have meant by an unknown one.

use strsim::levenshtein;

/// The one of these words that is at most two letters away, if there is one.
#[must_use]
pub fn meant<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let nearest = known.iter().map(|known| (levenshtein(word, known), *known)).min();
    nearest.filter(|(distance, _)| *distance <= 2).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_meant_and_a_distant_one_is_not() {
        let known = ["check", "keys", "secrets"];
        assert_eq!(meant("chekc", &known), Some("check"));
        assert_eq!(meant("key", &known), Some("keys"));
        assert_eq!(meant("frobnicate", &known), None);
        assert_eq!(meant("", &known), None);
        assert_eq!(meant("check", &[]), None);
    }
}
