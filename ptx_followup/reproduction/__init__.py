"""The experiments of the ConTEXTual Net paper, run again on the user's own copy of its data set."""
