"""Every MUST and SHOULD of tus 1.0.0 and of the extensions that are offered.

Named after the sections of tus.io/protocols/resumable-upload.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from tests.contract.gateway_system import MAX_BYTES
from tests.contract.tus_client import BYTES_TYPE, VERSION, Tus, checksum, encoded

DATA = b"0123456789" * 1000


@pytest.fixture
def tus(system):
    return Tus(system.http)


class TestHead:
    def test_a_new_upload_is_at_zero(self, tus):
        head = tus.head(tus.created(100))
        assert head.status_code in (200, 204)
        assert head.headers["upload-offset"] == "0"

    def test_the_length_is_told(self, tus):
        assert tus.head(tus.created(100)).headers["upload-length"] == "100"

    def test_a_complete_upload_is_at_its_length(self, tus):
        path = tus.created(len(DATA))
        tus.patch(path, DATA)
        assert tus.head(path).headers["upload-offset"] == str(len(DATA))

    def test_nobody_may_keep_the_answer(self, tus):
        assert tus.head(tus.created(100)).headers["cache-control"] == "no-store"

    def test_one_that_there_is_not_has_no_offset(self, tus):
        head = tus.head("/v1/uploads/0123456789abcdef")
        assert head.status_code in (403, 404, 410)
        assert "upload-offset" not in head.headers


class TestPatch:
    def test_bytes_at_the_offset_are_taken(self, tus):
        path = tus.created(len(DATA))
        first = tus.patch(path, DATA[:3000])
        assert (first.status_code, first.headers["upload-offset"]) == (204, "3000")
        second = tus.patch(path, DATA[3000:], 3000)
        assert (second.status_code, second.headers["upload-offset"]) == (204, str(len(DATA)))

    @pytest.mark.parametrize("offset", [0, 4, 6, 10])
    def test_bytes_at_another_offset_are_not(self, tus, offset):
        path = tus.created(10)
        tus.patch(path, b"01234")
        assert tus.patch(path, b"x", offset).status_code == 409
        assert tus.offset(path) == 5

    def test_another_content_type_is_refused(self, tus):
        path = tus.created(10)
        assert tus.patch(path, b"x", content_type="video/mp4").status_code == 415

    def test_a_path_that_there_is_not_is_told(self, tus):
        assert tus.patch("/v1/uploads/0123456789abcdef", b"x").status_code == 404

    def test_no_bytes_change_nothing(self, tus):
        path = tus.created(10)
        answer = tus.patch(path, b"")
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, "0")

    def test_bytes_without_announced_length_are_taken(self, tus):
        path = tus.created(6)
        assert tus.patch(path, iter([b"abc", b"def"])).headers["upload-offset"] == "6"


class TestOptions:
    @pytest.mark.parametrize("path", ["/v1/uploads", "/v1/uploads/0123456789abcdef"])
    def test_what_is_supported_is_told(self, system, path):
        answer = system.http.options(path)
        assert answer.status_code in (200, 204)
        assert answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-max-size"] == str(MAX_BYTES)
        assert "sha1" in answer.headers["tus-checksum-algorithm"].split(",")
        assert answer.headers["tus-extension"].split(",") == [
            "creation",
            "creation-with-upload",
            "termination",
            "expiration",
            "checksum",
        ]

    def test_the_version_of_the_client_is_ignored(self, system):
        headers = {"Tus-Resumable": "0.1"}
        assert system.http.options("/v1/uploads", headers=headers).status_code in (200, 204)


class TestVersion:
    @pytest.mark.parametrize("version", ["0.2.2", "1.0.1", "2.0.0", "", None])
    @pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
    def test_another_version_is_refused_naming_ours(self, system, tus, method, version):
        path = tus.created(10)
        headers = {"Upload-Length": "10", "Upload-Offset": "0", "Content-Type": BYTES_TYPE}
        headers |= {} if version is None else {"Tus-Resumable": version}
        target = "/v1/uploads" if method == "POST" else path
        answer = system.http.request(method, target, headers=headers, content=b"x" * 3)
        assert answer.status_code == 412
        assert answer.headers["tus-version"] == "1.0.0"
        assert tus.offset(path) == 0  # and it was not done

    def test_every_answer_names_the_version(self, tus):
        path = tus.created(10)
        answers = [
            tus.post(10),
            tus.post(-1),
            tus.head(path),
            tus.head("/v1/uploads/none"),
            tus.patch(path, b"x"),
            tus.patch(path, b"x", 7),
            tus.delete(path),
            tus.http.get(path, headers=VERSION),
        ]
        assert {answer.headers["tus-resumable"] for answer in answers} == {"1.0.0"}

    def test_a_method_that_overrides_is_obeyed(self, system, tus):
        path = tus.created(10)
        headers = {**VERSION, "Content-Type": BYTES_TYPE, "Upload-Offset": "0"}
        for method, status in (("PATCH", 204), ("HEAD", 200), ("DELETE", 204), ("HEAD", 404)):
            override = {"X-HTTP-Method-Override": method}
            body = b"0123" if method == "PATCH" else b""
            answer = system.http.post(path, headers={**headers, **override}, content=body)
            assert answer.status_code == status


class TestCreation:
    def test_a_new_upload_has_a_place(self, tus):
        answer = tus.post(10)
        assert answer.status_code == 201
        assert answer.headers["location"].startswith("/v1/uploads/")

    def test_nothing_is_a_length_too(self, tus):
        path = tus.created(0)
        assert tus.head(path).headers["upload-length"] == "0"

    def test_each_has_its_own_place(self, tus):
        assert len({tus.created(1) for _ in range(20)}) == 20

    @pytest.mark.parametrize(
        ("length", "status"),
        [
            (MAX_BYTES, 201),
            (MAX_BYTES + 1, 413),
            ("9" * 18, 413),
            ("9" * 400, 400),
            ("-1", 400),
            ("1e30", 400),
            ("abc", 400),
            ("", 400),
            ("+5", 400),
            ("5_0", 400),
            ("0x10", 400),
            ("1.0", 400),
        ],
    )
    def test_a_length_is_a_number_up_to_the_limit(self, tus, length, status):
        answer = tus.post(length)
        assert answer.status_code == status
        assert ("tus-max-size" in answer.headers) == (status == 413)

    def test_without_length_there_is_no_upload(self, system):
        assert system.http.post("/v1/uploads", headers=VERSION).status_code == 400

    def test_a_length_that_comes_later_is_not_supported(self, system):
        headers = {**VERSION, "Upload-Defer-Length": "1"}
        assert system.http.post("/v1/uploads", headers=headers).status_code == 400

    def test_metadata_come_back_as_they_were(self, tus):
        metadata = f"filename {encoded('Сүлд тэмдэг.mp4')},is_draft,filetype {encoded('a/b')}"
        path = tus.created(1, upload_metadata=metadata)
        assert tus.head(path).headers["upload-metadata"] == metadata

    def test_without_metadata_none_come_back(self, tus):
        assert "upload-metadata" not in tus.head(tus.created(1)).headers

    @pytest.mark.parametrize(
        "metadata", ["a b c", "a YQ==,a YQ==", ",,", "a *", "name é", "x " + "YWFh" * 2000]
    )
    def test_malformed_metadata_are_refused(self, tus, metadata):
        answer = tus.post(1, upload_metadata=metadata.encode("latin-1"))
        assert (answer.status_code, answer.json()["reason"]) == (400, "REQUEST_INVALID")


class TestCreationWithUpload:
    def test_the_first_bytes_may_come_at_once(self, tus):
        answer = tus.post(len(DATA), DATA[:4000], content_type=BYTES_TYPE)
        assert (answer.status_code, answer.headers["upload-offset"]) == (201, "4000")
        path = answer.headers["location"]
        assert tus.offset(path) == 4000
        assert tus.patch(path, DATA[4000:], 4000).headers["upload-offset"] == str(len(DATA))

    @pytest.mark.parametrize(
        ("content", "headers", "status"),
        [
            (b"0123", {"content_type": "video/mp4"}, 415),
            (b"0" * 11, {"content_type": BYTES_TYPE}, 413),
            (b"0123", {"content_type": BYTES_TYPE, "upload_checksum": checksum(b"x")}, 460),
            (b"0123", {"content_type": BYTES_TYPE, "upload_checksum": "md4 eA=="}, 400),
        ],
    )
    def test_refused_bytes_leave_no_upload(self, system, tus, content, headers, status):
        files = system.files()
        assert tus.post(10, content, **headers).status_code == status
        assert system.files() == files


class TestExpiration:
    def test_every_answer_says_until_when(self, tus):
        created = tus.post(4)
        path = created.headers["location"]
        for answer in (created, tus.patch(path, b"01"), tus.head(path), tus.patch(path, b"23", 2)):
            until = parsedate_to_datetime(answer.headers["upload-expires"])
            assert timedelta(hours=23) < until - datetime.now(UTC) <= timedelta(hours=24)
            assert answer.headers["upload-expires"].endswith(" GMT")


class TestChecksum:
    @pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
    def test_bytes_that_fit_are_taken(self, tus, algorithm):
        path = tus.created(len(DATA))
        answer = tus.patch(path, DATA, upload_checksum=checksum(DATA, algorithm))
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(len(DATA)))

    def test_bytes_that_do_not_are_discarded(self, system, tus):
        path = tus.created(len(DATA))
        tus.patch(path, DATA[:100])
        answer = tus.patch(path, DATA[100:], 100, upload_checksum=checksum(b"else"))
        assert (answer.status_code, answer.json()["reason"]) == (460, "UPLOAD_CHECKSUM_MISMATCH")
        assert tus.offset(path) == 100
        assert tus.patch(path, DATA[100:], 100).headers["upload-offset"] == str(len(DATA))

    @pytest.mark.parametrize("value", ["md5 eA==", "sha1", "sha1 eA==", "sha1 *", "", "sha1 ==="])
    def test_a_checksum_that_cannot_be_read_is_refused(self, tus, value):
        path = tus.created(1)
        assert tus.patch(path, b"x", upload_checksum=value).status_code == 400
        assert tus.offset(path) == 0


class TestTermination:
    def test_an_upload_that_is_given_up_is_gone(self, system, tus):
        files = system.files()
        path = tus.created(10)
        tus.patch(path, b"012")
        assert system.files() != files
        assert tus.delete(path).status_code == 204
        assert system.files() == files
        for answer in (tus.head(path), tus.patch(path, b"3", 3), tus.delete(path)):
            assert answer.status_code in (404, 410)

    def test_one_that_there_is_not_cannot_be_given_up(self, tus):
        assert tus.delete("/v1/uploads/0123456789abcdef").status_code == 404
