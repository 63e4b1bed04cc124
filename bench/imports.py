"""Files in, beside what only reads or loads: `python -m bench.imports [--rows 1000000] [--only csv,xlsx,zones]`.

Each figure of a peer is of this run: ogr2ogr into SpatiaLite and PostGIS (with its spatial index, COPY switched on),
fastexcel and python-calamine for a workbook, pyogrio for a layer. Peers that are not there are skipped with the reason.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psycopg
import shapely

from tests.support import clusters

CIVMAP = Path(sys.executable).with_name("civmap")
BOX = (115.827, 28.663, 115.886, 28.706)
BUDGET = {"sqlite": 2.5, "postgis": 1.8}
MOST_MB = 400
COLUMNS = "点位编码,点位名称,点位类型,经度,纬度,责任单位,地址,道路,是否申报,备注"
READ = """
import sys, time
from pathlib import Path
from civmap.exchange import naming, sheets
begun = time.perf_counter()
table = sheets.read(Path(sys.argv[1]), None, lambda heading: naming.is_heading(sys.argv[2], heading))
count = sum(len(portion.numbers) for portion in table.portions())
print(time.perf_counter() - begun, count)
"""
PEERS = {
    "fastexcel": "import fastexcel\nbegun = time.perf_counter()\n"
                 "sheet = fastexcel.read_excel(sys.argv[1]).load_sheet(0)\ncount = sheet.height",
    "python-calamine": "import python_calamine\nbegun = time.perf_counter()\n"
                       "count = len(python_calamine.load_workbook(sys.argv[1]).get_sheet_by_index(0).to_python()) - 1",
    "pyogrio": "import pyogrio\nbegun = time.perf_counter()\ncount = len(pyogrio.raw.read(sys.argv[1])[2])"}


def run(words: list[str | Path], **environ: str) -> tuple[float, float, float, str]:
    """Run a program; return its seconds, processor seconds and peak memory in MB (children too), and what it said."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(words, env=os.environ | environ, stdout=said, stderr=subprocess.STDOUT)
        _pid, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begun
        said.seek(0)
        told = said.read().decode(errors="replace")
    if child.returncode:
        raise SystemExit(f"{words[0]} failed: {told[-2000:]}")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, told


def points(path: Path, count: int) -> None:
    """Write a table of points of a city's office."""
    rng = np.random.default_rng(7)
    lon, lat, sort = rng.uniform(BOX[0], BOX[2], count), rng.uniform(BOX[1], BOX[3], count), rng.integers(1, 5, count)
    with path.open("w", encoding="utf-8") as out:
        out.write(COLUMNS + "\n")
        out.writelines(f"BK{n:07d},第{n}号临街点位,PT0{sort[n]},{lon[n]:.7f},{lat[n]:.7f},CS001,中山路{n % 900}号,"
                       f"中山路{n % 50},{'是' if n % 3 else '否'},批量{n % 7}\n" for n in range(count))


def loaded(name: str, peer: list[str | Path], home: Path, file: Path, url: str) -> None:
    """Print how long a table takes into a database, beside ogr2ogr, and once more unchanged."""
    environ = {"CIVMAP_HOME": str(home), "CIVMAP_DATABASE_URL": url}
    run([CIVMAP, "demo", "--no-serve"], **environ)
    theirs = run(peer, PG_USE_COPY="YES")[:2] if shutil.which("ogr2ogr") else None
    ours = run([CIVMAP, "import", "points", file, "--yes"], **environ)
    again = run([CIVMAP, "import", "points", file, "--yes"], **environ)
    if theirs is None:
        print(f"{name:<10}{ours[0]:>8.1f} s; ogr2ogr is not installed (apt-get install gdal-bin)")
    else:
        ratio, budget = ours[0] / theirs[0], BUDGET[name]
        print(f"{name:<10}{ours[0]:>8.1f} s (processor {ours[1]:.1f})   ogr2ogr {theirs[0]:.1f} s ({theirs[1]:.1f})   "
              f"{ratio:.2f} times, aim {budget}: {'kept' if ratio <= budget else 'MISSED'}", flush=True)
    peak = max(ours[2], again[2])
    print(f"{'':<10}the same once more {again[0]:.1f} s; most memory {peak:.0f} MB, aim {MOST_MB}: "
          f"{'kept' if peak <= MOST_MB else 'MISSED'}", flush=True)
    for told in (ours[3], again[3]):
        print("          " + " ".join(re.findall(r"共 .*", told)[-1:]), flush=True)


def csv(folder: Path, count: int) -> None:
    """Load a table of points into both databases."""
    file = folder / "points.csv"
    points(file, count)
    print(f"{count:,} points, csv of {file.stat().st_size / 1e6:.0f} MB", flush=True)
    words: list[str | Path] = [file, "-nln", "points", "-a_srs", "EPSG:4326", "-oo", "X_POSSIBLE_NAMES=经度", "-oo",
                               "Y_POSSIBLE_NAMES=纬度", "-oo", "KEEP_GEOM_COLUMNS=NO"]
    lite = folder / "lite"
    lite.mkdir()
    loaded("sqlite", ["ogr2ogr", "-f", "SQLite", "-dsco", "SPATIALITE=YES", folder / "peer.sqlite", *words], lite, file,
           f"sqlite:///{lite / 'civmap.sqlite'}")
    shutil.rmtree(lite)
    if not clusters.POSTGRES.is_dir():
        print("postgis: PostgreSQL is not installed")
        return
    with clusters.postgis(folder) as cluster:
        cluster._run("CREATE DATABASE ours")
        cluster._run("CREATE DATABASE theirs")
        with psycopg.connect(host=str(cluster.socket), user=cluster.user, dbname="theirs", autocommit=True) as one:
            one.execute("CREATE EXTENSION postgis")
        home = folder / "post"
        loaded("postgis", ["ogr2ogr", "-f", "PostgreSQL",
                           f"PG:host={cluster.socket} user={cluster.user} dbname=theirs", *words], home, file,
               cluster._url("ours"))


def beside(name: str, file: Path, kind: str, peers: list[str]) -> None:
    """Print how long reading a file takes, every cell judged, beside programs that only read it."""
    _all, _work, peak, told = run([sys.executable, "-c", READ, file, kind])
    seconds, count = told.split()[-2:]
    print(f"{name:<10}{float(seconds):>8.2f} s for {int(count):,} rows of {file.stat().st_size / 1e6:.0f} MB; "
          f"most memory of a process {peak:.0f} MB, aim {MOST_MB}: {'kept' if peak <= MOST_MB else 'MISSED'}")
    for peer in peers:
        program = f"import sys, time\n{PEERS[peer]}\nprint(time.perf_counter() - begun, count)"
        try:
            _all, _work, peak, told = run([sys.executable, "-W", "ignore", "-c", program, file])
        except SystemExit as problem:
            print(f"{'':<10}{peer} could not be asked: {str(problem).splitlines()[-1]}")
            continue
        theirs = float(told.split()[-2])
        print(f"{'':<10}{peer} {theirs:.2f} s, {peak:.0f} MB: {float(seconds) / theirs:.1f} times", flush=True)


def xlsx(folder: Path, count: int) -> None:
    """Read a workbook of points."""
    import xlsxwriter

    file, rng = folder / "points.xlsx", np.random.default_rng(3)
    lon, lat = rng.uniform(BOX[0], BOX[2], count), rng.uniform(BOX[1], BOX[3], count)
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS.split(","))
        for n in range(count):
            sheet.write_row(n + 1, 0, (f"BK{n:07d}", f"第{n}号临街点位", "PT02", float(lon[n]), float(lat[n]), "CS001",
                                       f"中山路{n % 900}号", f"中山路{n % 50}", "是", f"批量{n % 7}"))
    beside("xlsx", file, "points", ["fastexcel", "python-calamine"])


def zones(folder: Path, count: int) -> None:
    """Read a layer of frontage zones."""
    file, rng = folder / "zones.geojson", np.random.default_rng(4)
    west, south = rng.uniform(BOX[0], BOX[2], count), rng.uniform(BOX[1], BOX[3], count)
    boxes = shapely.to_geojson(shapely.box(west, south, west + 0.0001, south + 0.00005))
    with file.open("w", encoding="utf-8") as out:
        out.write('{"type":"FeatureCollection","features":[\n')
        out.write(",\n".join(
            f'{{"type":"Feature","geometry":{shape},"properties":{{"code":"MQ{n:06d}","name":"第{n}号门前",'
            f'"kind":"frontage","holder":"商户{n}","door_no":"{n % 999}号"}}}}' for n, shape in enumerate(boxes)))
        out.write("\n]}")
    beside("geojson", file, "zones", ["pyogrio"])


def main() -> None:
    """Measure everything and print it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--only", default="csv,xlsx,zones")
    told = asked.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        parts = {"csv": lambda: csv(Path(folder), told.rows), "xlsx": lambda: xlsx(Path(folder), told.rows // 5),
                 "zones": lambda: zones(Path(folder), told.rows // 10)}
        for part in told.only.split(","):
            parts[part]()
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
