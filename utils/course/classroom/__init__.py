"""A class's grading around the trusted core: from a folder of submissions to a gradebook, reports and feedback.

    from utils.course.classroom import Classroom, GradingRun, SandboxRecipe, local_backend

How the parts fit (one idea a file):

    place         Classroom: where a class's files lie, read from nbgrader's own configuration
    handed_in     submissions of a folder, an export of a learning platform, or nbgrader's submitted folder, one by one
    identity      what makes two gradings the same: hash of submission, tests and environment
    journal       append-only, fsynced, hash-chained log; what is done is what it says
    ledger        the journal read as a state: which submission of whom is graded, and written where
    store         results as files, renamed into place
    backends      one function from bytes to bytes, behind an Executor: serial, local threads, Dask
    runner        streams jobs through a backend; repeats faults of the grader, sets aside what stays broken
    gradebook     the one writer to nbgrader's gradebook, a transaction a submission
    registration  an assignment's cells in the gradebook, also when its tests change after collection
    run           the whole: collect, grade, compare, write; can be killed anywhere and started again
    audit         journal, results and gradebook held against each other
    feedback      nbgrader's feedback pages without hidden tests and without anybody's script
    similarity    submissions that share more than the class does
    statistics, report   what happened in a class, as numbers and as one page
    exports       CSV for nbgrader, Canvas, Moodle
    synthetic     a class of right, wrong, hostile and broken submissions to try all this with
    commands      the command line (grade_command: its largest command; options, terminal: what goes in and comes out)

Learner code runs nowhere in here: it runs in the sandbox of `utils.course.grading`.
"""
