//! pytest's output as text, read with a small driver.
