//! Holds a list of things with two faces: what panels read, and the end in the background that only `app` holds.

/// A list of things with two faces, which are put in, moved and taken out together, so that their places always agree.
#[derive(Debug)]
pub(super) struct Paired<V, B> {
    views: Vec<V>,
    backs: Vec<B>,
}

impl<V, B> Default for Paired<V, B> {
    fn default() -> Self {
        Self { views: Vec::new(), backs: Vec::new() }
    }
}

impl<V, B> Paired<V, B> {
    /// Returns the faces that panels read, in order.
    pub(super) fn views(&self) -> &[V] {
        &self.views
    }

    pub(super) fn len(&self) -> usize {
        self.views.len()
    }

    pub(super) fn view_mut(&mut self, at: usize) -> Option<&mut V> {
        self.views.get_mut(at)
    }

    pub(super) fn back(&self, at: usize) -> Option<&B> {
        self.backs.get(at)
    }

    pub(super) fn pair_mut(&mut self, at: usize) -> Option<(&mut V, &mut B)> {
        self.views.get_mut(at).zip(self.backs.get_mut(at))
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&V, &B)> {
        self.views.iter().zip(&self.backs)
    }

    pub(super) fn pairs_mut(&mut self) -> impl Iterator<Item = (&mut V, &mut B)> {
        self.views.iter_mut().zip(&mut self.backs)
    }

    pub(super) fn push(&mut self, view: V, back: B) {
        self.views.push(view);
        self.backs.push(back);
    }

    /// Takes the thing at this place out; the later ones move up. Panics if there is none.
    pub(super) fn remove(&mut self, at: usize) -> (V, B) {
        (self.views.remove(at), self.backs.remove(at))
    }

    /// Moves a thing from one place to another; those between move by one. Panics if there is none.
    pub(super) fn shift(&mut self, from: usize, to: usize) {
        let (view, back) = self.remove(from);
        self.views.insert(to, view);
        self.backs.insert(to, back);
    }

    pub(super) fn clear(&mut self) {
        self.views.clear();
        self.backs.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_faces_stay_together_wherever_they_are_moved() {
        let mut list = Paired::default();
        for number in 0..5 {
            list.push(number, number.to_string());
        }
        list.shift(0, 3);
        list.shift(4, 1);
        assert_eq!(list.remove(2), (2, "2".to_owned()));
        if let Some((view, back)) = list.pair_mut(0) {
            (*view, *back) = (9, "9".to_owned());
        }
        assert_eq!(list.views(), [9, 4, 3, 0]);
        assert!(list.pairs().all(|(view, back)| view.to_string() == *back));
        assert_eq!(list.back(3), Some(&"0".to_owned()));
        list.clear();
        assert_eq!((list.len(), list.back(0)), (0, None));
    }
}
