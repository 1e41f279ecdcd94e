//! The pictures of the lab are what the program that draws them writes, and can be read.

#[path = "../../harness/examples/lab_picture/draw.rs"]
mod draw;

use crate::pages::{root, updating};
use pumplab_scenarios::Library;

#[test]
fn the_pictures_of_the_lab_are_up_to_date() {
    for (name, picture) in draw::pictures(draw::LAB, draw::DEFENCE).expect("the lab is there") {
        let path = root().join("docs/pictures").join(name);
        if updating() {
            std::fs::write(&path, &picture).expect("the picture can be written");
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            there == picture,
            "docs/pictures/{name} is out of date: run with PUMPLAB_UPDATE_DOCS=1"
        );
    }
}

/// Every lab can be drawn, with and without controls, and shows every host that is attached.
#[test]
fn every_lab_is_drawn_with_all_its_hosts() {
    let library = Library::embedded();
    for lab in library.lab_names() {
        for defence in library.defence_names() {
            let [(_, zones), (_, ward)] = draw::pictures(&lab, &defence).expect("it is there");
            let hosts = library.lab(&lab).expect("it is there").spec.hosts;
            for host in &hosts {
                let attached = host.address.ip().is_some();
                assert_eq!(
                    zones.contains(&format!(">{}</text>", host.name)),
                    attached,
                    "{lab} under {defence}: {}",
                    host.name
                );
            }
            for picture in [zones, ward] {
                assert!(picture.contains("<title>") && picture.contains("<desc>"));
                assert!(!picture.contains("NaN") && !picture.contains("inf\""));
            }
        }
    }
}
