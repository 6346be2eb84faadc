use super::{Entry, Template, aggregate, documented, hidden, source, sql};

pub const TABLE: &[Entry] = &[
    documented(
        "within_box",
        "Whether a box holds the geometry's bounding box: top latitude, left longitude, bottom latitude, right longitude.",
        "within_box(location, 47.65, -122.36, 47.55, -122.30)",
        &[
            ("L number number number number -> boolean", sql!("soql_within_box({0..})")),
            ("L double double double double -> boolean", sql!("soql_within_box({0..})")),
        ],
    ),
    documented(
        "within_circle",
        "Whether the geometry lies in a circle: latitude, longitude, metres.",
        "within_circle(location, 47.6, -122.33, 5000)",
        &[
            ("L number number number -> boolean", sql!("soql_within_circle({0..})")),
            ("L double double double -> boolean", sql!("soql_within_circle({0..})")),
        ],
    ),
    documented(
        "within_polygon",
        "Whether the geometry lies inside another, not only on its edge.",
        "within_polygon(location, 'MULTIPOLYGON (((-125 45, -115 45, -115 49, -125 49, -125 45)))')",
        &[("L G2 -> boolean", sql!("soql_within({0},{1})"))],
    ),
    documented(
        "intersects",
        "Whether two geometries share a place; touching counts.",
        "intersects(location::point, 'POINT (-122.3345 47.5981)')",
        &[("G G2 -> boolean", sql!("soql_intersects({0},{1})"))],
    ),
    documented(
        "distance_in_meters",
        "The shortest distance on the WGS 84 ellipsoid, in metres.",
        "distance_in_meters(location, 'POINT (-122.33 47.61)')",
        &[("L G2 -> number", sql!("soql_distance({0},{1})"))],
    ),
    documented(
        "convex_hull",
        "The smallest convex polygon around one geometry; empty for a point or a line.",
        "convex_hull('POLYGON ((0 0, 2 0, 1 1, 2 2, 0 0))'::polygon)",
        &[("G -> multipolygon", sql!("soql_convex_hull({0})"))],
    ),
    aggregate(documented(
        "extent",
        "The bounding box of a group's geometries.",
        "extent(location::point)",
        &[("G -> multipolygon", sql!("soql_extent({0})"))],
    )),
    documented(
        "num_points",
        "The number of positions; the closing one of a ring counts.",
        "num_points(location::point)",
        &[("G -> number", sql!("soql_num_points({0})"))],
    ),
    documented(
        "simplify",
        "Without positions nearer to the line than a tolerance in degrees; null when nothing is left.",
        "simplify('LINESTRING (0 0, 1 0.1, 2 0)'::line, 0.5)",
        &[
            ("G number -> G", sql!("soql_simplify({0},{1})")),
            ("G double -> G", sql!("soql_simplify({0},{1})")),
        ],
    ),
    documented(
        "simplify_preserve_topology",
        "As simplify, but polygons do not collapse.",
        "simplify_preserve_topology('LINESTRING (0 0, 1 0.1, 2 0)'::line, 0.5)",
        &[
            ("G number -> G", sql!("soql_simplify_preserve({0},{1})")),
            ("G double -> G", sql!("soql_simplify_preserve({0},{1})")),
        ],
    ),
    source(
        "snap_to_grid",
        "Positions rounded to multiples of a size.",
        "snap_to_grid(location::point, 0.5)",
        &[("G number -> G", sql!("soql_snap({0},{1})")), ("G double -> G", sql!("soql_snap({0},{1})"))],
    ),
    source(
        "reduce_precision",
        "Positions rounded to multiples of a size; a polygon becomes a multipolygon.",
        "reduce_precision(location::point, 0.1)",
        &[
            ("H number -> H", sql!("soql_snap({0},{1})")),
            ("H double -> H", sql!("soql_snap({0},{1})")),
            ("polygon N -> multipolygon", sql!("soql_snap_multi({0},{1})")),
        ],
    ),
    source(
        "make_point",
        "A point of latitude and longitude, in this order.",
        "make_point(47.6, -122.3)",
        &[("number number -> point", sql!("soql_make_point({0},{1})"))],
    ),
    hidden(
        "point_latitude",
        "p.latitude",
        "The latitude of a point.",
        "location.latitude",
        &[("point -> number", sql!("soql_coordinate({0},1)"))],
    ),
    hidden(
        "point_longitude",
        "p.longitude",
        "The longitude of a point.",
        "location.longitude",
        &[("point -> number", sql!("soql_coordinate({0},0)"))],
    ),
    source(
        "is_empty",
        "Whether a geometry has no position; true for null.",
        "is_empty(location::point)",
        &[("G -> boolean", sql!("soql_is_empty({0})"))],
    ),
    source(
        "area",
        "Square metres of a polygon on the WGS 84 ellipsoid.",
        "area('POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))'::polygon)",
        &[("PG -> number", sql!("soql_area({0})"))],
    ),
    source(
        "crosses",
        "Whether geometries share some, but not all, inner places.",
        "crosses('LINESTRING (0 0, 2 2)'::line, 'LINESTRING (0 2, 2 0)'::line)",
        &[("G G2 -> boolean", sql!("soql_crosses({0},{1})"))],
    ),
    source(
        "overlaps",
        "Whether geometries of one dimension share inner places and neither holds the other.",
        "overlaps('POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))'::polygon, 'POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))'::polygon)",
        &[("G G2 -> boolean", sql!("soql_overlaps({0},{1})"))],
    ),
    source(
        "polygon_intersection",
        "What two polygons have in common.",
        "polygon_intersection('POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))'::polygon, 'POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))'::polygon)",
        &[("PG PG2 -> multipolygon", sql!("soql_polygon_intersection({0},{1})"))],
    ),
    source(
        "spatial_union",
        "Two geometries in one: all different points, the area of both polygons, or lines that are cut where they meet.",
        "spatial_union('POINT (0 0)'::point, 'POINT (1 1)'::point)",
        &[
            ("PT PT2 -> multipoint", sql!("soql_point_union({0},{1})")),
            ("LN LN2 -> multiline", sql!("soql_line_union({0},{1})")),
            ("PG PG2 -> multipolygon", sql!("soql_polygon_union({0},{1})")),
        ],
    ),
    aggregate(source(
        "spatial_union",
        "A group's geometries in one: all different points, the area of all polygons, or lines that are cut where they meet.",
        "spatial_union(location::point)",
        &[
            ("PT -> multipoint", sql!("soql_union_points({0})")),
            ("LN -> multiline", sql!("soql_union_lines({0})")),
            ("PG -> multipolygon", sql!("soql_union_polygons({0})")),
        ],
    )),
    source(
        "concave_hull",
        "A polygon that follows the geometry more closely than its convex hull. Not emulated: versions of PostGIS give different ones.",
        "concave_hull(location::point, 0.5)",
        &[
            ("G number -> multipolygon", Template::NotEmulated),
            ("G double -> multipolygon", Template::NotEmulated),
        ],
    ),
    source(
        "geo_multi",
        "A geometry as its multi-part type.",
        "geo_multi(location::point)",
        &[
            ("PT -> multipoint", sql!("soql_multi({0})")),
            ("LN -> multiline", sql!("soql_multi({0})")),
            ("PG -> multipolygon", sql!("soql_multi({0})")),
        ],
    ),
    source(
        "geo_collection_extract",
        "The parts of a multi-part geometry.",
        "geo_collection_extract(geo_multi(location::point))",
        &[
            ("multipoint -> multipoint", sql!("{0}")),
            ("multiline -> multiline", sql!("{0}")),
            ("multipolygon -> multipolygon", sql!("{0}")),
        ],
    ),
    source(
        "geo_make_valid",
        "A valid geometry stays as it is; a polygon that crosses itself is cut at the crossings.",
        "geo_make_valid(location::point)",
        &[("G -> G", sql!("soql_make_valid({0})"))],
    ),
    source(
        "visible_at",
        "Whether a geometry is a point or at least so many degrees wide or high.",
        "visible_at(location::point, 0.1)",
        &[
            ("G number -> boolean", sql!("soql_visible_at({0},{1})")),
            ("G double -> boolean", sql!("soql_visible_at({0},{1})")),
        ],
    ),
    source(
        "curated_region_test",
        "Why a geometry cannot be a curated region (too complex, out of bounds, invalid, empty); null when it can.",
        "curated_region_test(location::point, 100)",
        &[
            ("G number -> text", sql!("soql_region_test({0},{1})")),
            ("G double -> text", sql!("soql_region_test({0},{1})")),
        ],
    ),
];
