"""`python -m utils.course` is the command `course`."""

from utils.course.cli import main

if __name__ == "__main__":
    main()
