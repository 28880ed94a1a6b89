"""What leaves a case: the reply to AWS, the request about the bill, the report for one's own house, the timeline."""
