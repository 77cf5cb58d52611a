//! The known word that somebody may have meant by an unknown one.

/// The one of these words that is at most two letters away, if there is one.
#[must_use]
pub fn meant<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let nearest = known.iter().map(|known| (distance(word, known), *known)).min();
    nearest.filter(|(distance, _)| *distance <= 2).map(|(_, known)| known)
}

/// How many letters must be changed, added or left out to make one word of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (above, left) in one.chars().enumerate() {
        let mut corner = above;
        let mut before = above + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(other.chars()) {
            let change = corner + usize::from(left != right);
            corner = *cell;
            *cell = change.min(corner + 1).min(before + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
    }
    row.last().copied().unwrap_or_default()
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
