"""The course on the web: executed notebooks, guides, verdicts, coverage and the reference of utils, for Sphinx.

    notebook_pages  page_of_notebook(topic, ...) -> what the site shows of an executed notebook
    outputs         readable(outputs): without bars and widgets, pictures as files of their own
    notebook_list   notebook_list(root, topics): the list on the first page, from the README
    verdicts        verdicts_of(path) -> rows of the closing table; verdict_page(...)
    coverage_page   coverage_page(root): the chapter's ideas and where they run
    reference       reference_pages(): a page for each folder of utils, filled in by autodoc
    links           relink(text, ...): links of a guide that lead to files outside the site
    assemble        assemble(root, folder): the whole source tree; build(root, output) runs Sphinx on it

docs/site holds what is written by hand. The rest is made from the files that the course has anyway, so that nothing is
kept twice.
"""
