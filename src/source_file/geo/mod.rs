//! Files of places: GeoJSON, KML and shapefiles.

mod geojson;
mod geometry;
mod kml;
mod places;
mod shapefile;

pub(super) use geojson::GeoJson;
pub(super) use kml::{Kml, KmlBytes};
pub(super) use places::Places;
pub(super) use shapefile::Shapefile;
