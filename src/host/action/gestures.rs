//! Makes of an action the inputs that hands would make: clicks, drags, chords and typing, in order. These functions are
//! pure.

use super::PicturePoint;
use crate::host::keys::chords;
use crate::model::{InputControl, KeyInput, Modifiers, MouseButton, PointerAt};

/// A drag makes so many moves between its two ends, so that pages see a drag and not a jump.
const DRAG_STEPS: usize = 10;

/// What an input is in a gesture.
pub(super) enum GesturePart {
    /// It changes nothing by itself.
    Move,
    /// It presses something, which this lifts.
    Press(InputControl),
    Lift,
    /// It is done in one go.
    Whole,
}

impl GesturePart {
    pub(super) fn of(input: &InputControl) -> Self {
        match input {
            InputControl::PointerMove(_) => Self::Move,
            InputControl::PointerDown { at, button, .. } => Self::Press(up(at, *button, 1)),
            InputControl::KeyDown(words) => Self::Press(lifted(words.clone())),
            InputControl::PointerUp { .. } | InputControl::KeyUp(_) => Self::Lift,
            InputControl::Wheel { .. } | InputControl::Text { .. } | InputControl::Paste(_) => {
                Self::Whole
            }
        }
    }
}

pub(super) fn click(at: PointerAt, button: MouseButton, times: u8) -> Vec<InputControl> {
    let mut inputs = vec![InputControl::PointerMove(at.clone())];
    for clicks in 1..=times {
        inputs.push(down(&at, button, clicks));
        inputs.push(up(&at, button, clicks));
    }
    inputs
}

pub(super) fn press(at: PointerAt, button: MouseButton) -> Vec<InputControl> {
    let down = down(&at, button, 1);
    vec![InputControl::PointerMove(at), down]
}

pub(super) fn release(at: PointerAt, button: MouseButton) -> Vec<InputControl> {
    let up = up(&at, button, 1);
    vec![InputControl::PointerMove(at), up]
}

/// Returns the places that a drag along `path` passes, both ends among them.
pub(super) fn way(path: &[PicturePoint]) -> Vec<PicturePoint> {
    let [from, to] = path else {
        return path.to_vec();
    };
    let between = |from: f32, to: f32, n: usize| from + (to - from) * n as f32 / DRAG_STEPS as f32;
    (0..=DRAG_STEPS)
        .map(|n| PicturePoint { x: between(from.x, to.x, n), y: between(from.y, to.y, n) })
        .collect()
}

pub(super) fn drag(way: Vec<PointerAt>, button: MouseButton) -> Vec<InputControl> {
    let (Some(first), Some(last)) = (way.first(), way.last()) else {
        return Vec::new();
    };
    let start = press(first.clone(), button);
    let end = up(last, button, 1);
    let moves = way[1..].iter().map(|at| InputControl::PointerMove(with(at, button)));
    start.into_iter().chain(moves).chain([end]).collect()
}

/// Presses the keys in order and lifts them in reverse, with the modifiers that are down at each step.
pub(super) fn chord(keys: &[String], mut modifiers: Modifiers) -> Vec<InputControl> {
    let (mut downs, mut ups) = (Vec::new(), Vec::new());
    for name in keys {
        let Some(words) = chords::key(name, modifiers) else {
            continue;
        };
        ups.push(lifted(words.clone()));
        match words.key.as_str() {
            "Alt" => modifiers.alt = true,
            "Control" => modifiers.ctrl = true,
            "Meta" => modifiers.meta = true,
            "Shift" => modifiers.shift = true,
            _ => {}
        }
        downs.push(InputControl::KeyDown(words));
    }
    downs.into_iter().chain(ups.into_iter().rev()).collect()
}

pub(super) fn key_down(name: &str, modifiers: Modifiers) -> Option<InputControl> {
    chords::key(name, modifiers).map(InputControl::KeyDown)
}

pub(super) fn key_up(name: &str, modifiers: Modifiers) -> Option<InputControl> {
    chords::key(name, modifiers).map(lifted)
}

/// Types a text in pieces, with real key presses for line ends and tabs.
pub(super) fn typed(text: &str) -> Vec<InputControl> {
    let mut inputs = Vec::new();
    for piece in text.replace("\r\n", "\n").split_inclusive(['\n', '\t']) {
        let plain = piece.trim_end_matches(['\n', '\t']);
        if !plain.is_empty() {
            inputs.push(InputControl::Text { text: plain.to_owned() });
        }
        let key = piece[plain.len()..].chars().next();
        if let Some(words) = key.and_then(|c| chords::key(&c.to_string(), Modifiers::default())) {
            inputs.push(InputControl::KeyDown(words.clone()));
            inputs.push(lifted(words));
        }
    }
    inputs
}

fn down(at: &PointerAt, button: MouseButton, clicks: u8) -> InputControl {
    InputControl::PointerDown { at: with(at, button), button, clicks }
}

fn up(at: &PointerAt, button: MouseButton, clicks: u8) -> InputControl {
    let mut at = at.clone();
    at.held.retain(|held| *held != button);
    InputControl::PointerUp { at, button, clicks }
}

/// Returns the place with this button among those that are held.
fn with(at: &PointerAt, button: MouseButton) -> PointerAt {
    let mut at = at.clone();
    if !at.held.contains(&button) {
        at.held.push(button);
    }
    at
}

fn lifted(words: KeyInput) -> InputControl {
    InputControl::KeyUp(KeyInput { text: None, ..words })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(inputs: Vec<InputControl>) -> Vec<String> {
        let word = |message| match message {
            InputControl::Text { text } => text,
            InputControl::KeyDown(words) => format!("+{}", words.key),
            InputControl::KeyUp(words) => format!("-{}", words.key),
            InputControl::PointerMove(at) => format!("{},{} {}", at.x, at.y, at.held.len()),
            InputControl::PointerDown { at, clicks, .. } => format!("+{clicks} {}", at.held.len()),
            InputControl::PointerUp { at, clicks, .. } => format!("-{clicks} {}", at.held.len()),
            InputControl::Wheel { .. } | InputControl::Paste(_) => panic!("unexpected {message:?}"),
        };
        inputs.into_iter().map(word).collect()
    }

    #[test]
    fn line_ends_and_tabs_are_keys() {
        assert_eq!(
            shown(typed("a\tb\r\n\nc")),
            ["a", "+Tab", "-Tab", "b", "+Enter", "-Enter", "+Enter", "-Enter", "c"]
        );
        assert!(typed("").is_empty());
    }

    #[test]
    fn chords_are_lifted_in_reverse_with_what_is_still_down() {
        let keys = ["ctrl", "shift", "a"].map(str::to_owned);
        let inputs = chord(&keys, Modifiers::default());
        let InputControl::KeyDown(last) = &inputs[2] else {
            panic!("{inputs:?}");
        };
        assert!(last.modifiers.ctrl && last.modifiers.shift);
        assert_eq!(
            shown(inputs).iter().map(|word| word.to_ascii_lowercase()).collect::<Vec<_>>(),
            ["+control", "+shift", "+a", "-a", "-shift", "-control"]
        );
    }

    #[test]
    fn a_drag_moves_in_steps_with_its_button_held() {
        let ends = [PicturePoint { x: 0.0, y: 0.0 }, PicturePoint { x: 20.0, y: 10.0 }];
        let at = |place: PicturePoint| PointerAt { x: place.x, y: place.y, ..PointerAt::default() };
        let inputs = drag(way(&ends).into_iter().map(at).collect(), MouseButton::Left);
        let shown = shown(inputs);
        assert_eq!(shown[..3], ["0,0 0", "+1 1", "2,1 1"]);
        assert_eq!(shown[11..], ["20,10 1", "-1 0"]);
        assert!(drag(Vec::new(), MouseButton::Left).is_empty());
    }
}
