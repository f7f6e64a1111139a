"""What a lab asks: its parameters, exercises, kinds of answers, and how answers are judged."""
