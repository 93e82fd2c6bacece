"""What a run says to a person: causes, the story of a loss, lanes of truth and belief, the state in words."""
