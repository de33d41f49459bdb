from analysis.templatetags.telling import with_code


def test_commands_are_code_and_all_else_is_escaped() -> None:
    assert with_code("<b>: run `manage.py doctor` or `a & b`.") == (
        "&lt;b&gt;: run <code>manage.py doctor</code> or <code>a &amp; b</code>."
    )


def test_a_backtick_alone_stays() -> None:
    assert with_code("It`s <away>.") == "It`s &lt;away&gt;."
