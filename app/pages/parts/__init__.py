"""Parts that several pages share: the frame, the filter panels, the rows of trials and the reasons for each row."""
