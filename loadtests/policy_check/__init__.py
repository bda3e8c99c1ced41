"""What is promised to whoever changes the policy, checked: forecasts that come true."""
