"""The ground floor: plain pieces that engine and course both need."""
