//! Names: every allowed character, the full length, and what keeps two names apart.

use gatelet_core::records::{MAX_NAME_BYTES, Outcome, Partition, Table};

use super::stage::{NOON, Stage, name};
use crate::random::unique;

/// Every allowed character, in ascending byte order.
const ALPHABET: &str = "-.0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";

/// Keys and partitions of every allowed character and of the full length, and those that look special.
pub async fn every_allowed_name_is_kept(stage: &Stage) {
    let longest = format!("{ALPHABET}{}", "~".repeat(MAX_NAME_BYTES - ALPHABET.len()));
    let filler = "-:._~Zz".repeat(MAX_NAME_BYTES);
    let mut wide = format!("{}{filler}", unique());
    wide.truncate(MAX_NAME_BYTES);
    for partition in [
        stage.partition("names"),
        Partition::new(Table::Runs, wide).unwrap(),
        Partition::new(Table::Audit, format!("..:{}", unique())).unwrap(),
    ] {
        let keys = [longest.as_str(), ".", "..", ":", "~", "-", "_", "0", "--", "a:b.c_d~e-f"];
        for key in keys {
            stage.put(&partition, key, key.as_bytes()).await;
        }
        for key in keys {
            let record = stage.get(&partition, key).await.unwrap();
            assert_eq!((record.key, record.body), (name(key), key.as_bytes().to_vec()));
        }
        let mut sorted: Vec<String> = keys.map(str::to_owned).into();
        sorted.sort();
        assert_eq!(stage.keys(&partition, None, 3).await, sorted);
    }
}

/// Upper and lower case are different names, and a listing follows bytes, not a dictionary.
pub async fn case_tells_names_apart(stage: &Stage) {
    let partition = stage.partition("case");
    let mut keys: Vec<String> = ALPHABET.chars().map(|letter| format!("k{letter}")).collect();
    for key in keys.iter().rev() {
        stage.put(&partition, key, key.as_bytes()).await;
    }
    assert_eq!(stage.keys(&partition, None, 500).await, keys);

    let commit = stage.commit(&partition).delete(name("kA"), None).unwrap();
    assert_eq!(stage.apply(&commit).await, Outcome::Committed);
    keys.retain(|key| key != "kA");
    assert_eq!(stage.get(&partition, "ka").await.unwrap().body, b"ka");
    assert_eq!(stage.keys(&partition, None, 500).await, keys);

    stage.put(&stage.partition("Case"), "other", b"").await;
    assert_eq!(stage.get(&partition, "other").await, None);
}

/// The same key under another table or partition is another record.
pub async fn tables_and_partitions_are_separate(stage: &Stage) {
    let mut places: Vec<Partition> =
        Table::ALL.iter().map(|table| stage.partition_in(*table, "place")).collect();
    places.push(stage.partition("place:b"));
    places.push(stage.partition("plac"));
    for (number, partition) in places.iter().enumerate() {
        let body = number.to_string();
        assert_eq!(stage.get(partition, "row").await, None);
        stage.put(partition, "row", body.as_bytes()).await;
    }
    for (number, partition) in places.iter().enumerate() {
        let record = stage.records.get(partition, &name("row"), NOON).await.unwrap().unwrap();
        assert_eq!(record.body, number.to_string().as_bytes());
        assert_eq!(stage.keys(partition, None, 10).await, ["row"]);
    }
}
