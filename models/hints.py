"""What to write where something is left out, for errors."""

WITH_DATA_PLANE = '--set data_plane=on in incident and in scripts, search: {data_plane: "on"} in a file'
WITHOUT_DATA_PLANE = '--set data_plane=off in incident and in scripts, data_plane: "off" below search: in a file'
