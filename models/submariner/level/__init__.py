"""An agent of our own: for each service one reconcile that reads what there is and writes what differs."""
