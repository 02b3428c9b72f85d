"""What became of the sentences of terms from one version to the next."""

from __future__ import annotations


def test_a_sentence_is_as_it_was_or_gone_or_added() -> None:
    from webapp.pages.terms import compared

    old = "您的信息只给为您办事的人看。每次查看都记账。\n您可以注销。"
    new = "您的信息只给为您办事的人看。每次查看都记账，并写明保存多久。\n您可以注销。\nYou may leave. And come back."
    assert [(part["mark"], part["text"]) for part in compared(old, new)] == [
        ("", "您的信息只给为您办事的人看。"), ("gone", "每次查看都记账。"), ("added", "每次查看都记账，并写明保存多久。"),
        ("", "您可以注销。"), ("added", "You may leave."), ("added", "And come back."),
    ]


def test_long_texts_that_have_nothing_in_common_are_compared_at_once() -> None:
    """Of 1,000 sentences each, alike but never the same: a search for likeness within them would take minutes."""
    from webapp.pages.terms import compared

    old, new = ["".join(f"第{i}条，您的信息{word}。" for i in range(1000)) for word in ("只给办事的人看", "不给别人看")]
    parts = compared(old, new)
    assert [part["mark"] for part in parts] == ["gone"] * 1000 + ["added"] * 1000
