"""socrata-py, unchanged, with its domain in the code: every call that its own suite makes, on files of our own."""

import io
import threading
import zipfile

from socrata import Socrata
from socrata.authorization import Authorization
from socrata.http import UnexpectedResponseException

client = Socrata(Authorization("data.city.gov", "publisher@example.com", "publisher"))

TREES = "id,kind,felled\n1,oak,true\n2,elm,false\n3,ash,true\n4,fir,false\n"


def refused(status, key, call):
    """What is refused, with this status and key."""
    try:
        call()
    except UnexpectedResponseException as error:
        assert error.status == status, error
        assert key is None or error.body["key"] == key, error
        return error.body
    raise AssertionError("it was not refused")


def by_type(steps):
    return {step["type"] for step in steps}


def new_view(name="Trees"):
    """A dataset that is made with its first revision."""
    revision = client.new({"name": name})
    return revision, client.views.lookup(revision.attributes["fourfour"])


def first_schema(source):
    return source.wait_for_schema().get_latest_input_schema()


def uploaded(revision, text=TREES):
    return first_schema(revision.create_upload("trees.csv").csv(text))


def applied(revision, output):
    """The job of a revision whose rows are all there."""
    output.wait_for_finish(timeout=60)
    return revision.apply(output_schema=output).wait_for_finish(timeout=60)


def rows(view):
    import requests

    address = f"https://data.city.gov/resource/{view.attributes['id']}.json?$order=:id"
    return requests.get(address, timeout=60).json()


def views():
    view = client.views.lookup("4tka-6guv")
    assert view.attributes["name"] == "USGS Earthquakes", view.attributes
    assert view.attributes["columns"], "the columns of the view"
    body = refused(404, None, lambda: client.views.lookup("zzzz-zzzz"))
    assert body["code"] == "not_found", body


def revisions():
    metadata = {"name": "Oaks", "description": "d", "metadata": {"any": "thing"}}
    revision = client.new(metadata)
    assert revision.attributes["metadata"] == metadata, revision
    view = client.views.lookup(revision.view_id())
    assert view.attributes["name"] == "Oaks", "before anything is applied"
    replace = view.revisions.create_replace_revision()
    update = view.revisions.create_update_revision(permission="private")
    delete = view.revisions.create_delete_revision()
    kinds = [r.attributes["action"]["type"] for r in (replace, update, delete)]
    assert kinds == ["replace", "update", "delete"], kinds
    assert len(view.revisions.list()) == 4
    assert view.revisions.lookup(1).attributes == replace.attributes
    assert {"show", "create_source", "apply", "plan", "restore"} <= set(replace.list_operations())
    assert "set_permission" in by_type(update.plan()) and "set_permission" not in by_type(replace.plan())
    assert {
        "prepare_draft_for_import", "set_schema", "apply_metadata", "upsert_task", "set_display_type", "publish",
        "wait_for_replication",
    } <= by_type(replace.plan())
    replace.show()
    changed = replace.update({"metadata": {"name": "Elms"}})
    assert changed.attributes["metadata"]["name"] == "Elms"
    assert changed.set_notes("why").attributes["notes"] == "why"
    assert replace.discard()["resource"]["closed_at"]
    refused(422, "revision_closed", lambda: replace.set_notes("late"))
    refused(404, "publishing_not_found", lambda: view.revisions.lookup(9))
    assert view.delete() == (True, {})


def sources():
    revision, view = new_view()
    source = revision.create_upload("trees.csv")
    assert [s.attributes["id"] for s in revision.list_sources()] == [source.attributes["id"]]
    assert {"show", "bytes"} <= set(source.list_operations())
    assert client.sources.lookup(source.attributes["id"]).attributes == source.attributes
    schema = first_schema(source.csv(TREES))
    names = [column["field_name"] for column in schema.attributes["input_columns"]]
    assert names == ["id", "kind", "felled"], names
    output = schema.get_latest_output_schema().wait_for_finish()
    assert (output.attributes["error_count"], output.attributes["total_rows"]) == (0, 4), output
    assert revision.show().attributes["output_schema_id"] == output.attributes["id"]
    assert revision.get_output_schema().attributes["id"] == output.attributes["id"]
    # Text that begins with an empty line, and lines that are indented.
    indented = first_schema(revision.create_upload("a.csv").csv("\n  a, b\n  1, 2\n  3, 4\n"))
    assert indented.get_latest_output_schema().attributes["total_rows"] == 2
    tabs = first_schema(revision.create_upload("a.tsv").tsv("a\tb\n1\t2\n"))
    assert len(tabs.attributes["input_columns"]) == 2
    # A source of its own, joined to the revision afterwards.
    alone = client.sources.create_upload("alone.csv").csv(TREES)
    assert first_schema(alone).get_latest_output_schema()
    joined = alone.add_to_revision(revision)
    assert joined.attributes["id"] in [s.attributes["id"] for s in revision.list_sources()]
    # Other options, before the bytes and after them.
    title = "A title\na,b,c\n1,2,3\n"
    for late in (False, True):
        source = revision.create_upload("title.csv")
        source = source.csv(title) if late else source
        source = source.change_parse_option("header_count").to(2).change_parse_option("column_header").to(2).run()
        source = source if late else source.csv(title)
        columns = first_schema(source).latest_output().attributes["output_columns"]
        assert [column["field_name"] for column in columns] == ["a", "b", "c"], columns
    view.delete()


def files():
    """Chunks of a generator, which overshoot; a workbook; places; a file that stays as it is."""
    revision, view = new_view()

    def pieces():
        yield b"n,text\n"
        for start in range(0, 100_000, 1_000):
            yield b"".join(b"%d,%s\n" % (n, b"x" * 100) for n in range(start, start + 1_000))

    source = revision.create_upload("long.csv").csv(pieces())
    output = first_schema(source).get_latest_output_schema().wait_for_finish()
    assert output.attributes["total_rows"] == 100_000, output.attributes["total_rows"]
    image = revision.source_as_blob("a.png").blob(io.BytesIO(b"\x89PNG\r\n\x1a\n0000"))
    assert revision.show().attributes["blob_id"] == image.attributes["id"]
    plain = revision.create_upload("b.png")
    kept = plain.blob(io.BytesIO(b"\x89PNG\r\n\x1a\n0000"))
    assert kept.attributes["id"] != plain.attributes["id"], "another source of the same bytes"
    assert revision.show().attributes["blob_id"] == kept.attributes["id"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("readme.txt", "no shapes")
    broken = revision.create_upload("a.zip")
    body = refused(422, None, lambda: broken.shapefile(io.BytesIO(archive.getvalue())))
    assert broken.show().attributes["failed_at"], body
    view.delete()


def schemas():
    revision, view = new_view()
    schema = uploaded(revision)
    wanted = {
        "field_name": "kind", "display_name": "Kind", "position": 0, "description": "",
        "transform": {"transform_expr": "to_number(kind)"},
    }
    bad = schema.transform({"output_columns": [wanted]}).wait_for_finish()
    assert bad.any_errors() and not bad.any_failed()
    assert all("error" in row["kind"] for row in bad.schema_errors()), bad.schema_errors()
    assert b"Unable to convert" in b"\n".join(bad.schema_errors_csv().iter_lines())
    wanted["transform"]["transform_expr"] = "`kind` || '!'"
    good = schema.transform({"output_columns": [wanted]}).wait_for_finish()
    assert [row["kind"]["ok"] for row in good.rows()] == ["oak!", "elm!", "ash!", "fir!"]
    assert [row["kind"]["ok"] for row in good.rows(offset=2, limit=1)] == ["ash!"]
    latest = schema.latest_output()
    assert latest.attributes["id"] == good.attributes["id"]
    output = uploaded(revision).get_latest_output_schema()
    assert output.validate_row_id("id") and not output.validate_row_id("felled")
    keyed = output.set_row_id("id")
    assert [column["is_primary_key"] for column in keyed.attributes["output_columns"]] == [True, False, False]
    changed = keyed.change_column_metadata("kind", "display_name").to("Tree").run()
    assert changed.attributes["output_columns"][1]["display_name"] == "Tree"
    more = changed.add_column("next", "Next", "to_number(`id`) + 1", "one more").run().wait_for_finish()
    assert [row["next"]["ok"] for row in more.rows()] == ["2", "3", "4", "5"]
    fewer = more.drop_column("felled").add_column("felled", "Felled", "`kind`").run()
    names = [column["field_name"] for column in fewer.attributes["output_columns"]]
    assert sorted(names) == ["felled", "id", "kind", "next"], names
    for field, ascending in (("id", True), ("kind", False)):
        fewer = fewer.set_sort_by().on(field, ascending=ascending).end_sort().run()
        assert fewer.attributes["sort_bys"] == [{"field_name": field, "ascending": ascending}], fewer
    assert fewer.set_sort_by().end_sort().run().attributes["sort_bys"] == []
    refused(422, "field_not_in_dataset", lambda: schema.transform({"output_columns": [
        {"field_name": "x", "display_name": "x", "transform": {"transform_expr": "`nope`"}}]}))
    view.delete()


def configs():
    config = client.configs.create("a recipe", "replace")
    assert config.attributes["parse_options"]["header_count"] == 1
    assert "a recipe" in [c.attributes["name"] for c in client.configs.list()]
    assert client.configs.lookup("a recipe").show().attributes["name"] == "a recipe"
    column = {"field_name": "n", "display_name": "N", "transform_expr": "to_number(`id`)"}
    whole = column | {"format": {}, "description": "", "is_primary_key": None, "flags": []}
    changed = config.update({"data_action": "update", "columns": [column]})
    assert changed.attributes["columns"] == [whole], changed
    changed = config.change_parse_option("encoding").to("utf8").run()
    assert changed.attributes["parse_options"]["encoding"] == "utf8"
    revision, view = new_view()
    revision, job = client.using_config("a recipe", view).csv(TREES, filename="trees.csv")
    assert revision.attributes["action"]["type"] == "update" and job.attributes["created_at"]
    job.wait_for_finish(timeout=60)
    assert rows(view) == [{"n": str(n)} for n in range(1, 5)], rows(view)
    assert config.create_revision(view.attributes["id"]).attributes["revision_seq"] == 2
    output = uploaded(view.revisions.create_replace_revision()).get_latest_output_schema()
    built = output.build_config("another", "replace")
    assert len(built.attributes["columns"]) == 3
    config.delete()
    refused(404, "publishing_not_found", config.show)
    refused(404, "publishing_not_found", lambda: client.using_config("nope", view))
    view.delete()


def publication():
    """A dataset from its first rows on: shortcuts, view sources, permissions, deletes, other open revisions."""
    revision, output = client.create(name="Trees", description="d").csv(TREES, filename="trees.csv")
    job = applied(revision, output)
    assert job.attributes["status"] == "successful" and job.is_complete()
    view = client.views.lookup(revision.attributes["fourfour"])
    assert view.attributes["permissions"]["scope"] == "public"
    assert rows(view)[0] == {"id": "1", "kind": "oak", "felled": True}, rows(view)
    still_open = view.revisions.create_update_revision()
    change = view.revisions.create_replace_revision(permission="private")
    schema = first_schema(change.source_from_dataset())
    output = (
        schema.get_latest_output_schema()
        .change_column_metadata("kind", "field_name").to("tree")
        .change_column_metadata("id", "description").to("Its number")
        .change_column_transform("id").to("`id` + 10")
        .run()
    )
    applied(change, output.set_row_id("id"))
    view.show()
    assert view.attributes["permissions"]["scope"] == "private"
    assert [c["fieldName"] for c in view.attributes["columns"]] == ["id", "tree", "felled"]
    remove = view.revisions.create_delete_revision()
    applied(remove, uploaded(remove, "id\n11\n12\n").get_latest_output_schema())
    view.show()
    assert view.attributes["permissions"]["scope"] == "private", "it says nothing of permissions"
    assert still_open.show().attributes["closed_at"] is None
    broken = view.revisions.create_update_revision()
    job = applied(broken, uploaded(broken, "id,tree\nx,oak\n").get_latest_output_schema())
    assert job.attributes["log"][0]["details"]["Errors"] == 1, job
    refused(422, "revision_closed", lambda: broken.apply())
    still_open.discard()
    view.delete()


def at_once():
    """Several publishers, each with a dataset of their own."""
    failures = []

    def one(number):
        try:
            revision, output = client.create(name=f"Trees {number}").csv(TREES, filename="trees.csv")
            applied(revision, output)
        except Exception as error:  # Told below, where it ends the program.
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not failures, failures


for part in (views, revisions, sources, files, schemas, configs, publication, at_once):
    part()
print("socrata-py: passed")
