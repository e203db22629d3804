"""What several pages are made of: the frame around each, filter panels, rows of trials and the reasons for them."""
