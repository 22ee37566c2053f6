"""File drop: upload a file, share the link.

pip install -r requirements.txt && python3 app.py   ->  http://localhost:5000
"""
import hashlib
import json
import os
import time
import uuid

from flask import Flask, abort, flash, jsonify, redirect, render_template, request, send_file, stream_with_context, url_for

app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY", "dev")
UPLOADS = os.environ.get("UPLOADS", os.path.join(os.path.dirname(os.path.abspath(__file__)), "uploads"))
os.makedirs(UPLOADS, exist_ok=True)
INDEX = os.path.join(UPLOADS, "index.json")


def load():
    if not os.path.exists(INDEX):
        return {}
    with open(INDEX, encoding="utf-8") as f:
        return json.load(f)


def save(files):
    with open(INDEX, "w", encoding="utf-8") as f:
        json.dump(files, f, ensure_ascii=False, indent=2)


def keep(stream, name, mimetype):
    """Writes a stream to disk and remembers it."""
    key = uuid.uuid4().hex[:10]
    digest, size = hashlib.sha256(), 0
    with open(os.path.join(UPLOADS, key), "wb") as out:
        while chunk := stream.read(65536):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    files = load()
    files[key] = {"key": key, "name": name, "type": mimetype, "size": size, "sha256": digest.hexdigest(), "at": time.time()}
    save(files)
    return files[key]


@app.template_filter("size")
def human(n):
    for unit in ("B", "KB", "MB", "GB"):
        if n < 1024 or unit == "GB":
            return f"{n:.0f} {unit}" if unit == "B" else f"{n:.1f} {unit}"
        n /= 1024


@app.get("/")
def index():
    files = sorted(load().values(), key=lambda f: -f["at"])
    return render_template("index.html", files=files, total=sum(f["size"] for f in files))


@app.post("/upload")
def upload():
    got = [f for f in request.files.getlist("file") if f.filename]
    if not got:
        flash("Pick a file first.")
        return redirect(url_for("index"))
    for f in got:
        kept = keep(f.stream, f.filename, f.mimetype)
    flash(f"{kept['name']} is ready to share." if len(got) == 1 else f"{len(got)} files are ready to share.")
    return redirect(url_for("index", _external=True))


@app.put("/raw/<path:name>")
def put(name):
    """curl -T file http://…/raw/name: for scripts, any size, chunked too"""
    kept = keep(request.stream, name, request.mimetype or "application/octet-stream")
    return jsonify(kept), 201, {"Location": url_for("download", key=kept["key"], _external=True)}


@app.get("/files/<key>")
def download(key):
    f = load().get(key) or abort(404)
    return send_file(
        os.path.join(UPLOADS, key),
        mimetype=f["type"],
        as_attachment="inline" not in request.args,
        download_name=f["name"],
        etag=f["sha256"][:16],
        max_age=60,
    )


@app.post("/files/<key>/delete")
@app.delete("/files/<key>")
def delete(key):
    files = load()
    if key not in files:
        abort(404)
    os.remove(os.path.join(UPLOADS, key))
    flash(f"{files.pop(key)['name']} is gone.")
    save(files)
    return ("", 204) if request.method == "DELETE" else redirect(url_for("index"))


@app.get("/api/files")
def api():
    return jsonify(list(load().values()))


@app.get("/big/<int:mb>")
def big(mb):
    """For testing slow lines: a file of that many megabytes that does not exist."""

    def generate():
        for i in range(mb):
            yield bytes([i % 256]) * 1024 * 1024

    return app.response_class(stream_with_context(generate()), mimetype="application/octet-stream")


@app.errorhandler(404)
def missing(e):
    return render_template("missing.html"), 404


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", 5000)), threaded=True)
