"""The frame of the screens: the only importer of Streamlit below the pages."""
