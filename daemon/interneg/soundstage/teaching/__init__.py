"""The base model's school: lessons drawn from the stage, the loop, the score, the model card."""
