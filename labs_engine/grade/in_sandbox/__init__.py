"""What runs inside the sandbox, beside the submission. Nothing here is trusted, and nothing knows an answer."""
