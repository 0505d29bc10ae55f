//! Which of many things can go together: large parts at once first, then smaller ones, again and again until none goes.

/// The things that can go, found by asking `holds` about sets of them, and whether the search came to its end. `holds` says `None`
/// when it was asked often enough.
pub(super) fn removable<E>(
    count: usize,
    mut holds: impl FnMut(&[usize]) -> Result<Option<bool>, E>,
) -> Result<(Vec<usize>, bool), E> {
    let mut gone: Vec<usize> = Vec::new();
    let mut size = count;
    while size > 0 {
        let left: Vec<usize> = (0..count).filter(|item| !gone.contains(item)).collect();
        let before = gone.len();
        for chunk in left.chunks(size) {
            let mut tried = gone.clone();
            tried.extend(chunk);
            match holds(&tried)? {
                Some(true) => gone = tried,
                Some(false) => {}
                None => return Ok((sorted(gone), false)),
            }
        }
        // What one needs can go once the other is gone.
        if size > 1 {
            size = size.div_ceil(2).min(size - 1);
        } else if gone.len() == before {
            break;
        }
    }
    Ok((sorted(gone), true))
}

fn sorted(mut gone: Vec<usize>) -> Vec<usize> {
    gone.sort_unstable();
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(count: usize, needed: &dyn Fn(&[usize]) -> bool, most: usize) -> (Vec<usize>, usize) {
        let mut asked = 0;
        let found = removable(count, |gone| {
            if asked == most {
                return Ok::<_, ()>(None);
            }
            asked += 1;
            Ok(Some(needed(gone)))
        });
        (found.unwrap().0, asked)
    }

    #[test]
    fn everything_goes_at_once_where_nothing_is_needed() {
        assert_eq!(search(8, &|_| true, 100), ((0..8).collect(), 1));
        assert_eq!(search(0, &|_| true, 100), (Vec::new(), 0));
    }

    #[test]
    fn what_is_needed_stays() {
        let (gone, asked) = search(8, &|gone| !gone.contains(&5), 100);
        assert_eq!(gone, [0, 1, 2, 3, 4, 6, 7]);
        assert!(asked < 12, "{asked}");
    }

    #[test]
    fn what_another_one_needed_goes_after_it() {
        // 0 can go only after 1, and 1 only after 2.
        let holds = |gone: &[usize]| {
            (!gone.contains(&0) || gone.contains(&1))
                && (!gone.contains(&1) || gone.contains(&2))
                && !gone.contains(&3)
        };
        assert_eq!(search(4, &holds, 100).0, [0, 1, 2]);
    }

    #[test]
    fn it_ends_when_it_has_asked_often_enough() {
        let (gone, asked) = search(8, &|gone| !gone.contains(&0), 3);
        assert!(asked == 3 && !gone.contains(&0));
    }
}
