"""Texts of a record that become links to pages, mailboxes and telephones, and texts that stay text."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text.links import mail_link, phone_link, web_link


class TestPages:
    @pytest.mark.parametrize(
        "url",
        [
            "https://example.org/a?b=c#d",
            "HTTP://EXAMPLE.ORG",
            "https://example.org:8443/x@y",
            "https://a-b.c_d.example.co.uk/%E2%80%AE",
            "https://xn--mnchen-3ya.de/",
            "https://example.org/données?q=(a|b)",
            "  https://example.org/  ",
        ],
    )
    def test_an_address_of_a_public_host_is_a_link(self, url: str) -> None:
        assert web_link(url) == url.strip()

    @pytest.mark.parametrize(
        "url",
        [
            None,
            "",
            "javascript:alert(1)",
            "JavaScript:https://example.org",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "//example.org",
            "www.example.org",
            "ftp://example.org",
            "/trials",
            "https:example.org",
            "https:///example.org",
            "https://clinicaltrials.gov@evil.example/",
            "https://clinicaltrials.gov:443@evil.example/",
            "https://clinicaltrials.gov%2eevil.example@evil.example/",
            "https://clinicaltrials.gov%2Fevil.example/",
            "https://clinicaltrials.gov\\@evil.example/",
            "https://evil.example\\.clinicaltrials.gov/",
            "https://example.org/a b",
            "https://example.org/a\nb",
            "https://example.org/\tb",
            "https://example.org/\u202egpj.exe",
            "https://example.org/\u2066x",
            "https://exa\u200bmple.org/",
            "https://example.org/\x00",
            'https://example.org/"onclick="',
            "https://example.org:port/",
            "https://example.org:99999/",
            "https://[::1/",
            "https://[::1]/",
            "http://localhost/",
            "http://intranet/reset",
            "http://printer.local/",
            "http://127.0.0.1/",
            "http://10.0.0.1/",
            "http://2130706433/",
            "http://0x7f.0x1/",
            "http://0177.0.0.01/",
            "https://.example.org/",
            "https://example..org/",
            "https://-example.org/",
            "https://straße.example/",  # `ss` to some programs, a name of its own to others
            "https://" + "a" * 64 + ".example/",
            "https://example.org/" + "a" * 2_000,
        ],
        ids=ascii,
    )
    def test_anything_else_stays_text(self, url: str | None) -> None:
        assert web_link(url) == ""

    def test_a_name_in_other_letters_is_written_as_what_is_asked_for(self) -> None:
        assert web_link("https://сlinicaltrials.gov/x?y") == "https://xn--linicaltrials-o8k.gov/x?y"
        assert web_link("http://MÜNCHEN.example:8080/ü") == "http://xn--mnchen-3ya.example:8080/ü"

    @settings(deadline=None)
    @given(
        st.text(max_size=20),
        st.text(max_size=20),
        st.sampled_from(["", "@", "\\", "%40", "#", "?", "/", ":"]),
    )
    def test_no_text_around_a_host_leads_to_another_one(self, before: str, after: str, between: str) -> None:
        if link := web_link(f"https://{before}{between}evil.example{after}"):
            assert "@" not in urlsplit(link).netloc
            assert urlsplit(link).netloc.isascii()


class TestMailboxes:
    @pytest.mark.parametrize(
        "email", ["ann@example.org", " A.B-c_d+e@x-y.example.co.uk ", "o'hara@example.org", "1@2.example"]
    )
    def test_one_plain_address_is_a_link(self, email: str) -> None:
        assert mail_link(email) == email.strip()

    @pytest.mark.parametrize(
        "email",
        [
            None,
            "",
            "ann",
            "ann@example",
            "ann@example.org?bcc=evil@evil.example",
            "ann@example.org&bcc=evil@evil.example",
            "ann%3Fbcc=evil@evil.example",
            "ann@example.org%0abcc:evil@evil.example",
            "ann@example.org, bob@example.org",
            "ann@example.org,bob@example.org",
            "ann@example.org;bob@example.org",
            "ann@example.org bob@example.org",
            "ann@example.org\nBcc: evil@evil.example",
            "Ann <ann@example.org>",
            "mailto:ann@example.org",
            "ann@@example.org",
            "a..b@example.org",
            ".a@example.org",
            "a.@example.org",
            "-oX@example.org",
            "ann@example.org/",
            "ann@[127.0.0.1]",
            "ann@exämple.org",
            "ann\u202e@example.org",
            '"a b"@example.org',
            "a" * 65 + "@example.org",
            "a@" + "b." * 130 + "example",
        ],
        ids=ascii,
    )
    def test_anything_else_stays_text(self, email: str | None) -> None:
        assert mail_link(email) == ""


class TestTelephones:
    @pytest.mark.parametrize(
        ("phone", "dialed"),
        [
            ("+33 (0)1 23", "+330123"),
            ("(+33) 1.22-33", "+3312233"),
            ("555\u00a00100", "5550100"),
            ("555\u20130100", "5550100"),
            ("112", "112"),
        ],
    )
    def test_one_number_is_a_link(self, phone: str, dialed: str) -> None:
        assert phone_link(phone) == dialed

    @pytest.mark.parametrize(
        "phone",
        [
            None,
            "",
            "-",
            "12",
            "1-800-CANCER",
            "1-800-4-CANCER",
            "555 0100 ext. 7",
            "555 0100 or 555 0101",
            "555 0100 / 555 0101",
            "555 0100, 555 0101",
            "555 0100; 555 0101",
            "+1 555 0100 +1 555 0101",
            "555 0100 +1 555 0101",
            "1234567890123456",
            "*#06#",
            "555;phone-context=evil.example",
            "٠١٢٣٤",
        ],
        ids=ascii,
    )
    def test_letters_and_more_than_one_number_stay_text(self, phone: str | None) -> None:
        assert phone_link(phone) == ""
