"""Where the rooms are joined: from samples to records and logs."""
