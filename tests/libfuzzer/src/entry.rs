//! What a fuzzer, and the tests beside it, do with arbitrary bytes. Everything that is promised about any input is asserted here.

use pumplab_sim::proto::mllp;
use pumplab_sim::wire::hl7::{Letter, Limits, Message, ParseError, Part, pcd, split};

/// Takes bytes for a message. What parses must write back to the same bytes, whatever of it is looked at must lie inside them, and reading it as a
/// message of a pump must answer. What is refused must be refused inside the bytes.
pub fn message(bytes: &[u8]) -> Result<(), ParseError> {
    let message = match Message::parse(bytes) {
        Ok(message) => message,
        Err(error) => {
            assert!(error.at.offset <= bytes.len(), "{error}");
            assert!(!error.to_string().is_empty());
            return Err(error);
        }
    };
    let mut written = Vec::new();
    message.write(&mut written);
    assert_eq!(written, bytes, "what parsed is not written back");
    look(&message, bytes.len());
    let answer = match pcd::read(&message) {
        Ok((header, content)) => {
            // What the lab understands, it understands again once it has written it.
            if let Some(hl7) = content.to_hl7() {
                let letter = Letter {
                    header,
                    content: hl7.clone(),
                };
                let again = pcd::write(&letter).expect("what was read is finite");
                let again = Message::parse(&again).expect("what is written parses");
                let said = pcd::read(&again).map(|(_, c)| format!("{:?}", c.to_hl7()));
                assert_eq!(said.ok(), Some(format!("{:?}", Some(hl7))));
            }
            return Ok(());
        }
        Err(unread) => {
            let pcd::Unread { header, faults } = *unread;
            assert!((1..=pcd::MAX_FAULTS).contains(&faults.len()));
            assert!(faults.iter().all(|f| f.at.offset <= bytes.len()));
            pcd::Ack::faulty(&header.control_id, &faults).write(&header, pcd::Kind::Ack)
        }
    };
    let answer = answer.expect("an answer can always be written");
    assert!(Message::parse(&answer).is_ok(), "the answer does not parse");
    Ok(())
}

/// Looks at every part of a message.
fn look(message: &Message<'_>, length: usize) {
    let mut fields = 0;
    for segment in message.segments() {
        let inside = segment.location(None, None).offset;
        assert!(inside + segment.raw().len() <= length);
        for field in segment.fields() {
            fields += 1;
            for part in field.repetitions() {
                let split: usize = part.components().map(|c| c.raw().len() + 1).sum();
                assert!(split <= part.raw().len() + 1 || split == 0);
                assert!(part.bytes().len() <= part.raw().len(), "decoding grew");
                assert!(part.subcomponents().count() <= part.raw().len() + 1);
            }
        }
    }
    assert!(fields <= length, "more fields than bytes");
}

/// Takes bytes for a file of messages: its parts are the file, and each is treated as a message.
pub fn file(bytes: &[u8]) {
    let mut seen = 0;
    for part in split(bytes) {
        let (Part::Message { at, bytes: part } | Part::Envelope { at, bytes: part }) = part;
        assert_eq!(at, seen);
        assert!(!part.is_empty());
        seen += part.len();
        let _ = message(part);
    }
    assert_eq!(seen, bytes.len());
    let small = Limits {
        bytes: 64,
        segments: 3,
        fields: 5,
    };
    if let Ok(message) = Message::parse_within(bytes, &small) {
        assert!(message.len() <= 3 && bytes.len() <= 64);
    }
}

/// Takes bytes for a stream of frames, whole and in pieces: the same messages and the same error must come, and no more may be held than allowed.
pub fn stream(bytes: &[u8], piece: usize) {
    const LIMIT: usize = 256;
    let run = |piece: usize| {
        let mut decoder = mllp::Decoder::new(LIMIT);
        let (mut found, mut errors) = (Vec::new(), Vec::new());
        for mut input in bytes.chunks(piece.max(1)) {
            loop {
                match decoder.next_frame(&mut input) {
                    Ok(Some(frame)) => {
                        assert!(frame.len() <= LIMIT);
                        found.push(frame.into_owned());
                    }
                    Ok(None) => break,
                    Err(error) => {
                        errors.push(error);
                        decoder.resync();
                    }
                }
                assert!(decoder.held() <= LIMIT);
            }
            assert!(input.is_empty(), "a byte was neither read nor refused");
        }
        (found, errors, decoder.finish())
    };
    let whole = run(bytes.len());
    assert_eq!(whole, run(piece), "pieces of {piece} bytes");
    for frame in &whole.0 {
        let mut framed = Vec::new();
        mllp::encode(frame, &mut framed).expect("what was framed can be framed");
        let again = mllp::Decoder::new(LIMIT).next_frame(&mut &framed[..]);
        assert_eq!(again.ok().flatten().as_deref(), Some(&frame[..]));
    }
}
