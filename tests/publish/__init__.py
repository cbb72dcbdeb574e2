"""The generated files of the add-in, and its VBA as far as it can be judged without Excel."""
