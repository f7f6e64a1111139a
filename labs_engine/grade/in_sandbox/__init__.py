"""What runs inside the sandbox, beside the submission. Nothing here is trusted, or knows an answer."""
