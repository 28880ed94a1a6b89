"""An attacker as a program, who goes on while the responder works."""
