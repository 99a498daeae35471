"""A stand-in for GitHub's `gh api`: comments in a file, the calls that action.yml makes.

The filter is not run, since there is no jq here: what it asks for is what is answered.
"""

import argparse
import json
import os
import sys
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("api", choices=["api"])
parser.add_argument("endpoint")
parser.add_argument("--paginate", action="store_true")
parser.add_argument("--silent", action="store_true")
parser.add_argument("--method", default="GET")
parser.add_argument("--jq")
parser.add_argument("-F", dest="field")
call = parser.parse_args()

if os.environ["GH_TOKEN"] == "read-only" and call.method != "GET":  # noqa: S105 - no secret
    sys.exit("HTTP 403: Resource not accessible by integration")

store = Path(os.environ["COMMENTS"])
comments = json.loads(store.read_text()) if store.exists() else []
if call.method == "GET":
    assert call.endpoint == "repos/o/r/issues/7/comments"
    assert '.user.type == "Bot"' in call.jq
    bots = [comment for comment in comments if comment["user"]["type"] == "Bot"]
    mine = [comment for comment in bots if comment["body"].startswith("<!-- sftc-diff -->")]
    sys.stdout.writelines(f"{comment['id']}\n" for comment in mine)
    sys.exit()

assert call.field.startswith("body=@")
body = Path(call.field.removeprefix("body=@")).read_text("utf-8")
if call.method == "POST":
    assert call.endpoint == "repos/o/r/issues/7/comments"
    comments.append({"id": len(comments) + 1, "user": {"type": "Bot"}, "body": body})
else:
    identity = int(call.endpoint.removeprefix("repos/o/r/issues/comments/"))
    next(comment for comment in comments if comment["id"] == identity)["body"] = body
store.write_text(json.dumps(comments))
