//! "Did you mean": the nearest known word.

/// The known word nearest to `word`, if it is near enough to be a slip.
#[must_use]
pub fn nearest<'a, S: AsRef<str> + 'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a S>,
) -> Option<&'a str> {
    if word.len() > 64 {
        return None;
    }
    let limit = (word.chars().count() / 3).clamp(1, 4);
    let folded = fold(word);
    known
        .into_iter()
        .map(AsRef::as_ref)
        .map(|k| (strsim::osa_distance(&folded, &fold(k)), k))
        .filter(|(d, _)| *d <= limit)
        .min()
        .map(|(_, k)| k)
}

/// A hint that names the nearest known word, or all of them where they are few.
pub(crate) fn hint<S: AsRef<str>>(word: &str, known: &[S]) -> Option<String> {
    if let Some(near) = nearest(word, known) {
        return Some(format!("did you mean `{near}`?"));
    }
    if known.is_empty() {
        return None;
    }
    if known.len() > 16 {
        return None;
    }
    let all: Vec<String> = known.iter().map(|k| format!("`{}`", k.as_ref())).collect();
    Some(format!("known here: {}", all.join(", ")))
}

fn fold(word: &str) -> String {
    word.replace('_', "-").to_lowercase()
}

/// Where a host listens, as a hint.
pub(crate) fn listening(host: &str, ports: &[u16]) -> String {
    let all: Vec<String> = ports.iter().map(u16::to_string).collect();
    match all.is_empty() {
        true => format!("{host} listens on no port"),
        false => format!("{host} listens on {}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_leaves_strangers_alone() {
        let known = ["meddev", "clinical", "business"];
        assert_eq!(nearest("medev", &known), Some("meddev"));
        assert_eq!(nearest("clincial", &known), Some("clinical"));
        assert_eq!(nearest("radiology", &known), None);
    }
}
