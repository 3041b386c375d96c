"""What the gateway says about itself: metrics and logs, without a person in either."""
