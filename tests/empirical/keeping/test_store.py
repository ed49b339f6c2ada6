import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fvproof.empirical.keeping.store import DamagedPiece, FinishedPiece, finished, get, open_store, place, put
from fvproof.theory.errors import DomainError
from tests.processes import until

KEY, OTHER = "a" * 64, "b" * 64
PIECE = FinishedPiece({"unit": "conv1:3", "value": 0.1}, {"image": np.arange(4, dtype=np.float32).reshape(1, 2, 2)})


def silent(sentence):
    raise AssertionError(f"nothing should be reported, but: {sentence}")


def test_a_piece_comes_back_as_it_was_put(tmp_path):
    put(tmp_path, KEY, PIECE)
    piece = get(tmp_path, KEY)
    assert piece.record == PIECE.record
    assert piece.arrays["image"].dtype == np.float32
    assert np.array_equal(piece.arrays["image"], PIECE.arrays["image"])


def test_a_piece_that_was_never_put_is_none(tmp_path):
    assert get(tmp_path, KEY) is None


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_a_truncated_file_is_damaged(tmp_path, length):
    put(tmp_path, KEY, PIECE)
    content = place(tmp_path, KEY).read_bytes()
    place(tmp_path, KEY).write_bytes(content[:length])
    with pytest.raises(DamagedPiece):
        get(tmp_path, KEY)


def test_a_changed_byte_of_the_image_is_damage(tmp_path):
    put(tmp_path, KEY, FinishedPiece({}, {"image": np.random.default_rng(0).random(1000)}))
    content = bytearray(place(tmp_path, KEY).read_bytes())
    content[len(content) // 2] ^= 1
    place(tmp_path, KEY).write_bytes(content)
    with pytest.raises(DamagedPiece):
        get(tmp_path, KEY)


def test_whatever_is_done_to_a_file_it_is_damage_or_the_piece_as_it_was(tmp_path):
    put(tmp_path, KEY, PIECE)
    whole, random = place(tmp_path, KEY).read_bytes(), np.random.default_rng(0)
    damaged = 0
    for _ in range(2000):
        content = bytearray(whole[: random.integers(len(whole) // 2, 2 * len(whole))])
        for position in random.integers(len(content), size=random.integers(1, 4)):
            content[position] ^= 1 << random.integers(8)
        place(tmp_path, KEY).write_bytes(content)
        try:
            piece = get(tmp_path, KEY)
        except DamagedPiece:
            damaged += 1
        else:
            assert piece.record == PIECE.record
            assert piece.arrays.keys() == PIECE.arrays.keys()
            assert np.array_equal(piece.arrays["image"], PIECE.arrays["image"])
    assert 1000 < damaged < 2000


@pytest.mark.parametrize(("position", "bit"), [(8, 0), (6, 7)])
def test_a_file_that_calls_itself_encrypted_or_of_another_version_is_computed_anew(tmp_path, position, bit):
    finished(tmp_path, [KEY], lambda: [PIECE], report=silent)
    content = bytearray(place(tmp_path, KEY).read_bytes())
    content[content.index(b"PK\1\2") + position] ^= 1 << bit
    place(tmp_path, KEY).write_bytes(content)
    sentences = []
    (piece,) = finished(tmp_path, [KEY], lambda: [PIECE], report=sentences.append)
    assert piece.record == PIECE.record
    assert len(sentences) == 1
    assert "is damaged" in sentences[0]


def test_a_piece_under_another_name_is_damage(tmp_path):
    put(tmp_path, KEY, PIECE)
    place(tmp_path, KEY).rename(place(tmp_path, OTHER))
    with pytest.raises(DamagedPiece, match="says that it is aaaa"):
        get(tmp_path, OTHER)


def test_a_pickle_is_never_run(tmp_path):
    flag = tmp_path / "ran"

    class Trap:
        def __reduce__(self):
            return (Path.touch, (flag,))

    np.savez(place(tmp_path, KEY), record=np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(DamagedPiece):
        get(tmp_path, KEY)
    assert not flag.exists()


def test_what_is_finished_is_not_computed_again(tmp_path):
    finished(tmp_path, [KEY], lambda: [PIECE], report=silent)
    (piece,) = finished(tmp_path, [KEY], lambda: pytest.fail("computed twice"), report=silent)
    assert piece.record == PIECE.record


def test_a_damaged_piece_is_reported_and_computed_anew_and_its_mates_stay(tmp_path):
    finished(tmp_path, [KEY, OTHER], lambda: [PIECE, PIECE], report=silent)
    place(tmp_path, KEY).write_bytes(b"no archive")
    before = place(tmp_path, OTHER).stat().st_mtime_ns
    sentences = []
    new = FinishedPiece({"value": 2}, {})
    pieces = finished(tmp_path, [KEY, OTHER], lambda: [new, new], report=sentences.append)
    assert [piece.record for piece in pieces] == [{"value": 2}, PIECE.record]
    assert len(sentences) == 1
    assert "damaged" in sentences[0]
    assert get(tmp_path, KEY).record == {"value": 2}
    assert place(tmp_path, OTHER).stat().st_mtime_ns == before


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DomainError, match="must be one that can be written to"):
        open_store(tmp_path / "file" / "store")


def test_only_old_half_written_files_are_removed(tmp_path):
    old, young = tmp_path / "old.npz.1.part", tmp_path / "young.npz.2.part"
    old.touch()
    young.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    open_store(tmp_path)
    assert (old.exists(), young.exists()) == (False, True)


WORKER = """
import sys, time
from pathlib import Path
import numpy as np
from fvproof.empirical.keeping.store import FinishedPiece, finished

store, log, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
for i in range(12):
    def compute(i=i):
        with log.open("a") as file:
            file.write(f"{i}\\n")
        while i == last:
            time.sleep(1)
        return [FinishedPiece({"i": i}, {"noise": np.random.default_rng(i).random(20_000)})]
    finished(store, [f"{i:064d}"], compute, report=print)
"""


def test_a_killed_worker_leaves_whole_pieces_and_none_of_them_is_computed_again(tmp_path, start):
    store, log = tmp_path / "store", tmp_path / "log"
    store.mkdir()

    def begun():
        return log.read_text().split() if log.exists() else []

    for last in (3, 6, 9):
        worker = start([sys.executable, "-c", WORKER, store, log, last])
        until(lambda last=last, worker=worker: str(last) in begun() or worker.poll() is not None)
        worker.kill()
        worker.wait()
        assert sorted(int(path.stem) for path in store.glob("*.npz")) == list(range(last))
        assert all(get(store, f"{i:064d}").record == {"i": i} for i in range(last))
    last = start([sys.executable, "-c", WORKER, store, log, -1], stdout=subprocess.PIPE, text=True)
    assert last.communicate() == ("", None)
    assert get(store, f"{11:064d}").record == {"i": 11}
    assert {i: begun().count(str(i)) for i in range(12)} == {i: 2 if i in (3, 6, 9) else 1 for i in range(12)}
