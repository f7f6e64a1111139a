"""From one source per lab to the student's and the instructor's notebooks."""
