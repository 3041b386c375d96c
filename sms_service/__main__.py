"""`python -m sms_service`."""

from sms_service.cli import main

if __name__ == "__main__":
    main()
