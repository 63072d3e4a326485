"""Recorded runs: experiments that are larger than a notebook can wait for, and the verdicts that come from them.

    design      Design(claim, measure, control, unit, rule_text, thresholds, effect, rule, simulate): what would count
                as what, written before the run; check_design(design) refuses a rule that an outcome cannot come out of;
                power_of(design) is the share of simulated recorded runs that find the effect that matters
    recipe      Recipe(notebook, row, title, stages, design, findings, sources, tolerance); Stage(name, job_type, run,
                jobs); Run(job, result, seconds); all_recipes(), find_recipe("04", 48)
    running     record(recipe, executor) -> Record: resumable, every finished job is in a journal;
                run_live(recipe) -> results of the same code with smaller numbers
    record      Record; read_record("04", 48), write_record(record), record_path("04", 48); RecordError names what is
                wrong with a file
    checking    check_record(recipe, record, sample=3) -> CheckReport: remakes a sample of the jobs and compares
    elsewhere   beyond_chance(remade): where numbers are rounded otherwise, what differs more than another seed would
    executors   serial_executor(), process_executor(workers), dask_executor(address)

A topic's recipes stand in utils/experiments/TOPIC/recipes.py as RECIPES; nothing is registered by importing.
"""
